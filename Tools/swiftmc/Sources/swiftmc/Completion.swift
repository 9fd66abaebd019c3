import ArgumentParser
import Foundation

/// Shell completion, put where the shell looks for it.
enum Completion {
    /// The shell that the user has.
    static var shellOfUser: String {
        let path = ProcessInfo.processInfo.environment["SHELL"] ?? ""
        return path.split(separator: "/").last.map { String($0) } ?? "bash"
    }

    /// Writes the script of a shell, and says where it is and what is left to be done.
    static func install(for name: String) throws -> String {
        guard let shell = CompletionShell.allCases.first(where: { $0.rawValue == name }) else {
            let known = CompletionShell.allCases.map(\.rawValue).joined(separator: ", ")
            throw ValidationError("there is no completion for \(name); say one of: \(known)")
        }
        let file = try file(for: shell)
        do {
            let folder = file.deletingLastPathComponent()
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            try Swiftmc.completionScript(for: shell).write(to: file, atomically: true, encoding: .utf8)
        } catch {
            throw ToolError(description: "\(file.path) can't be written: \(error.localizedDescription)")
        }
        return "\(file.path)\n\(advice(for: shell, file))"
    }

    private static func file(for shell: CompletionShell) throws -> URL {
        let data = try folder("XDG_DATA_HOME", else: ".local/share")
        return switch shell {
        case .zsh: data.appendingPathComponent("zsh/site-functions/_swiftmc")
        case .fish:
            try folder("XDG_CONFIG_HOME", else: ".config").appendingPathComponent("fish/completions/swiftmc.fish")
        default: data.appendingPathComponent("bash-completion/completions/swiftmc")
        }
    }

    private static func folder(_ variable: String, else path: String) throws -> URL {
        let environment = ProcessInfo.processInfo.environment
        // Relative paths don't count: https://specifications.freedesktop.org/basedir-spec
        if let folder = environment[variable], folder.hasPrefix("/") { return URL(fileURLWithPath: folder) }
        guard let home = environment["HOME"], home.hasPrefix("/") else {
            throw ToolError(description: "there is no home folder: neither HOME nor \(variable) is set")
        }
        return URL(fileURLWithPath: home).appendingPathComponent(path)
    }

    private static func advice(for shell: CompletionShell, _ file: URL) -> String {
        switch shell {
        case .zsh:
            "Put this into ~/.zshrc, before compinit: fpath=(\(file.deletingLastPathComponent().path) $fpath)"
        case .fish: "New shells have it."
        default: "New shells have it, if the package bash-completion is installed."
        }
    }
}
