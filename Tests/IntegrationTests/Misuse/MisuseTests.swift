import Foundation
import TestSupport
import Testing

/// What the compiler has to reject, and what it has to accept: the snippets in `Tests/Misuse`.
///
/// The first line of one to be rejected says what the compiler's message has to contain: `// expect: …`.
@Suite("Misuse is an error of compilation", .tags(.slow), .timeLimit(.minutes(5)))
struct MisuseTests {
    private static let package = URL(filePath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    private static func snippets(_ folder: String) -> [String] {
        let directory = package.appending(path: "Tests/Misuse/\(folder)").path
        let names = (try? FileManager.default.contentsOfDirectory(atPath: directory)) ?? []
        return names.filter { $0.hasSuffix(".swift") }.sorted().map { "\(folder)/\($0)" }
    }

    /// Where the compiler has put the module that these tests are linked with.
    private static let modules: String? = {
        let manager = FileManager.default
        // A release build or one with a sanitizer has a folder of its own, which this program lies in.
        let programs = [try? manager.destinationOfSymbolicLink(atPath: "/proc/self/exe")].compactMap(\.self)
        let folders = (programs + CommandLine.arguments).map { URL(filePath: $0).deletingLastPathComponent().path }
        let places = folders + [package.appending(path: ".build/debug").path]
        return places.map { "\($0)/Modules" }.first { manager.fileExists(atPath: "\($0)/SwiftLibMC.swiftmodule") }
    }()

    /// What the C libraries' headers need beyond the usual folders.
    private static let headers: [String] = {
        let tool = try? ChildProcess.run(
            executable: "/usr/bin/env",
            arguments: ["pkg-config", "--cflags-only-I", "libmemcached", "libdeflate"]
        )
        guard let tool, tool.status == 0 else { return [] }
        return tool.standardOutput.split(whereSeparator: \.isWhitespace).flatMap { ["-Xcc", String($0)] }
    }()

    /// Compiles a snippet.
    ///
    /// Up to SIL, because what is sent and what escapes is found out there, after the types have been checked.
    private func compile(_ snippet: String) throws -> ChildProcess {
        let modules = try #require(Self.modules, "the module SwiftLibMC is not beside this program")
        let package = Self.package.path
        return try ChildProcess.run(
            executable: "/usr/bin/env",
            arguments: [
                "swiftc", "-emit-sil", "-o", "/dev/null", "-swift-version", "6", "-parse-as-library",
                "-enable-upcoming-feature", "NonisolatedNonsendingByDefault", "-module-name", "Snippet",
                "-I", modules, "-I", "\(package)/Sources/CLibMemcached", "-I", "\(package)/Sources/CLibDeflate",
                "-I", "\(package)/Sources/CPlatform",
            ] + Self.headers + ["\(package)/Tests/Misuse/\(snippet)"],
            timeout: .seconds(120)
        )
    }

    @Test(.hazard(95), arguments: snippets("Rejected"))
    func isRejected(_ snippet: String) throws {
        let text = try String(contentsOf: Self.package.appending(path: "Tests/Misuse/\(snippet)"), encoding: .utf8)
        let expectation = try #require(text.firstMatch(of: /\/\/ expect: (.+)/)).1
        let compiler = try compile(snippet)
        #expect(compiler.status == 1, "the compiler accepts it")
        let lines = compiler.standardError.split(separator: "\n")
        let messages = lines.filter { $0.contains("error:") || $0.contains("note:") }
        #expect(messages.contains { $0.contains(expectation) }, "\(compiler.standardError)")
    }

    @Test(arguments: snippets("Accepted"))
    func isAccepted(_ snippet: String) throws {
        let compiler = try compile(snippet)
        #expect(compiler.status == 0, "\(compiler.standardError)")
        #expect(!compiler.standardError.contains("warning:"), "\(compiler.standardError)")
    }

    @Test func thereAreSnippets() {
        #expect(Self.snippets("Rejected").count >= 20)
        #expect(Self.snippets("Accepted").count >= 7)
    }
}
