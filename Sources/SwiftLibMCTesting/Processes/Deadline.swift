import Foundation

/// A point in time until which a fixture waits.
package struct Deadline {
    private let end: ContinuousClock.Instant

    package init(in timeout: Duration) {
        self.end = .now + timeout
    }

    package var hasPassed: Bool { ContinuousClock.now >= end }

    /// What is left, for `poll`; at least 0.
    package var milliseconds: CInt {
        let left = ContinuousClock.now.duration(to: end)
        guard left > .zero else { return 0 }
        // Rounded up: a wait that is too short by a fraction would spin.
        return CInt(clamping: Int64((left / .milliseconds(1)).rounded(.up)))
    }

    /// Evaluates `condition` repeatedly until it returns a value, blocking the thread in between.
    ///
    /// The pauses start short, for conditions that are nearly met, and grow, to spare a busy machine.
    package func poll<Result>(_ condition: () throws -> Result?) rethrows -> Result? {
        var pause = 0.0002
        while true {
            if let result = try condition() { return result }
            if hasPassed { return nil }
            Thread.sleep(forTimeInterval: pause)
            pause = min(pause * 1.5, 0.01)
        }
    }
}
