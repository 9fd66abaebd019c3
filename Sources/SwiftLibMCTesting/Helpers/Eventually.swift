import Foundation

/// Evaluates `condition` repeatedly until it is true; false if it is not within `timeout`.
///
/// Use it instead of sleeping for as long as something may take:
/// `#expect(try await eventually { try client.get("k") == nil })`.
public func eventually(
    timeout: Duration = .seconds(60),
    _ condition: () async throws -> Bool
) async rethrows -> Bool {
    let deadline = Deadline(in: timeout)
    var pause = Duration.microseconds(200)
    while true {
        if try await condition() { return true }
        // A cancelled test (its time limit has passed) should not keep waiting.
        if deadline.hasPassed || Task.isCancelled { return false }
        try? await Task.sleep(for: pause)
        pause = min(pause * 2, .milliseconds(20))
    }
}

/// The same for code that is not asynchronous; it blocks the thread.
@_disfavoredOverload
public func eventually(timeout: Duration = .seconds(60), _ condition: () throws -> Bool) rethrows -> Bool {
    try Deadline(in: timeout).poll { try condition() ? true : nil } ?? false
}
