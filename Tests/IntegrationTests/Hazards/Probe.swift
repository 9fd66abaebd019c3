import TestSupport
import Testing

/// Runs scenarios of the program `HazardProbe`, which is built next to the tests.
enum Probe {
    /// Runs one scenario in a process of its own, and expects that nothing in it is bad and that it comes to its end.
    static func run(
        _ scenario: String,
        _ arguments: String...,
        environment: [String: String]? = nil,
        timeout: Duration = .seconds(60),
        sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        let child = try ChildProcess.run(
            executable: path,
            arguments: [scenario] + arguments,
            environment: environment,
            timeout: timeout
        )
        let lines = child.standardOutput.split(separator: "\n")
        let complaints = lines.filter { $0.hasPrefix("bad ") }
        #expect(complaints.isEmpty, "\(complaints.joined(separator: "\n"))", sourceLocation: sourceLocation)
        #expect(
            child.ending == .exited(0) && lines.last == "done",
            "\(String(describing: child.ending)) after \(lines.last ?? "nothing"): \(child.standardError)",
            sourceLocation: sourceLocation
        )
    }

    private static let path = Executable.built("HazardProbe")
}
