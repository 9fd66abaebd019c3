import TestSupport
import Testing

/// What an example prints, in place of the standard output.
final class Output: Sendable {
    private let lines = Locked<[String]>([])

    /// Takes what was given to `print`.
    func add(_ items: [Any]) {
        let line = items.map { "\($0)" }.joined(separator: " ")
        lines.withLock { $0.append(line) }
    }

    /// Compares it with what the example's comments say: all of it, or what stands in some of the lines.
    func check(_ expected: [String], isComplete: Bool, sourceLocation: SourceLocation = #_sourceLocation) throws {
        let printed = lines.withLock { $0 }
        if isComplete {
            #expect(printed == expected, sourceLocation: sourceLocation)
        } else {
            var rest = printed[...]
            for line in expected {
                let position = try #require(rest.firstIndex(of: line), "\(line)", sourceLocation: sourceLocation)
                rest = rest[(position + 1)...]
            }
        }
    }
}
