public import SwiftLibMC
public import Testing

/// What every asynchronous cache does, for your own tests: ``CommandsContract`` for tasks.
///
/// ```swift
/// @Test(arguments: AsyncCommandsContract.all)
/// func doesWhatEveryCacheDoes(contract: AsyncCommandsContract) async throws {
///     try await contract.check(MyCache(MockClient().asynchronous))
/// }
/// ```
public struct AsyncCommandsContract: Sendable, CustomTestStringConvertible {
    /// A cache under test.
    struct Subject {
        let cache: any AsyncMemcachedCommands
        let clock: MockClock?

        func expires(_ key: String, within seconds: Int) async throws -> Bool {
            if let clock {
                clock.advance(by: .seconds(seconds))
                return try await cache.item(key) == nil
            }
            return try await eventually(timeout: .seconds(seconds + 20)) { try await cache.item(key) == nil }
        }
    }

    /// What the case is about.
    public let name: String
    private let body: @Sendable (Subject) async throws -> Void

    init(_ name: String, _ body: @escaping @Sendable (Subject) async throws -> Void) {
        self.name = name
        self.body = body
    }

    /// All cases.
    public static let all: [AsyncCommandsContract] = singleItems + manyItems

    /// Checks a cache, and records an issue for each expectation that it does not meet.
    ///
    /// - Parameters:
    ///   - cache: The cache.
    ///   - clock: The clock of the mock behind it, if that has one of its own; else the test waits.
    /// - Throws: What the cache throws where it should not.
    public func check(_ cache: any AsyncMemcachedCommands, clock: MockClock? = nil) async throws {
        try await body(Subject(cache: cache, clock: clock))
    }

    /// The name of the case.
    public var testDescription: String { name }
}

/// The code of the error that `body` throws.
func code(of body: () async throws -> Void) async throws -> MemcachedError.Code {
    do {
        try await body()
    } catch let error as MemcachedError {
        return error.code
    }
    return try #require(nil as MemcachedError.Code?, "nothing was thrown")
}
