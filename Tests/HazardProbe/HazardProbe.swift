import Foundation
import SwiftLibMC

/// A program for what might end a process or hang it: `HazardProbe <scenario> <arguments…>`.
///
/// It runs one scenario with the public interface alone, and reports line by line: `step` when something begins, `ok`
/// or `bad` when it has ended, `done` at the end. So the last line tells where it died, if it did.
@main
struct HazardProbe {
    static func main() throws {
        let words = Array(CommandLine.arguments.dropFirst())
        guard let name = words.first, let scenario = scenarios[name] else {
            print("bad arguments: \(words)")
            exit(2)
        }
        let report = Report()
        try scenario(Arguments(words: Array(words.dropFirst())), report)
        report.line("done")
    }

    private static let scenarios: [String: @Sendable (Arguments, Report) throws -> Void] = [
        "matrix": faultMatrix,
        "library": loadedLibrary,
        "threads": threadsOfOne,
        "replies": garbledReplies,
        "lookup": slowLookup,
        "detect": detectProtocol,
    ]
}

/// What follows the scenario's name.
struct Arguments {
    let words: [String]

    /// The first word.
    var choice: MemcachedProtocol { words.first.flatMap(MemcachedProtocol.init) ?? .binary }
    /// The words behind the first one.
    var addresses: [String] { Array(words.dropFirst()) }
}

/// The lines for the test that started this process.
struct Report {
    func line(_ text: String) {
        print(text)
        // The next thing may end the process.
        fflush(nil)
    }

    /// Runs one step, which gives what is wrong, or nil.
    func step(_ name: String, _ body: () throws -> String?) {
        line("step \(name)")
        do {
            if let complaint = try body() { line("bad \(name): \(complaint)") } else { line("ok \(name)") }
        } catch {
            line("bad \(name): threw \(String(reflecting: error))")
        }
    }

    /// Runs one step that has to give a value.
    func expect<T: Equatable>(_ name: String, _ expected: T, _ body: () throws -> T) {
        step(name) {
            let value = try body()
            return value == expected ? nil : "gave \(value) instead of \(expected)"
        }
    }
}
