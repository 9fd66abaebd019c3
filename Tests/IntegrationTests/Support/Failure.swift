import SwiftLibMC
import TestSupport
import Testing

/// Expects that `body` throws an error of this library with a code, and gives it for a closer look.
@discardableResult
func expectFailure<Result>(
    _ code: MemcachedError.Code,
    _ comment: @autoclosure () -> Comment? = nil,
    sourceLocation: SourceLocation = #_sourceLocation,
    _ body: () throws -> Result
) -> MemcachedError? {
    let error = #expect(throws: MemcachedError.self, comment(), sourceLocation: sourceLocation) {
        // What it gives where it should throw may be a hundred megabytes, which nobody wants to see.
        _ = try body()
    }
    guard let error else { return nil }
    #expect(error.code == code, "\(error.debugDescription)", sourceLocation: sourceLocation)
    return error
}

/// What a client has told its `onError`.
final class ErrorLog: Sendable {
    private let errors = Locked<[MemcachedError]>([])

    /// Collects what `client` reports from now on.
    init(of client: Client) {
        client.onError = { [errors] error in errors.withLock { $0.append(error) } }
    }

    /// The errors since the last time somebody asked.
    func take() -> [MemcachedError] {
        errors.withLock { errors in
            defer { errors = [] }
            return errors
        }
    }
}
