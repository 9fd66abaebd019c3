import Foundation
import PackagePlugin

/// Makes tests of the Swift examples in the documents, each time a document changes: Scripts/examples does the work.
@main
struct Examples: BuildToolPlugin {
    func createBuildCommands(context: PluginContext, target: any Target) throws -> [Command] {
        let root = context.package.directoryURL
        let script = root.appending(path: "Scripts/examples")
        return try documents(in: root).map { document in
            let name = document.deletingPathExtension().lastPathComponent
            let result = context.pluginWorkDirectoryURL.appending(path: "\(name)Examples.swift")
            return .buildCommand(
                displayName: "Examples of \(document.lastPathComponent)",
                executable: script,
                arguments: [document.path, result.path],
                inputFiles: [document, script],
                outputFiles: [result]
            )
        }
    }

    /// README.md and what is in Documentation and its folders; no two have the same name.
    private func documents(in root: URL) throws -> [URL] {
        let folder = root.appending(path: "Documentation")
        let articles = try FileManager.default.subpathsOfDirectory(atPath: folder.path).map { folder.appending(path: $0) }
        return [root.appending(path: "README.md")]
            + articles.filter { $0.pathExtension == "md" }.sorted { $0.path < $1.path }
    }
}
