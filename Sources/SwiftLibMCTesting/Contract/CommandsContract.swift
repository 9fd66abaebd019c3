public import SwiftLibMC
public import Testing

/// What every cache does, for your own tests: each case is a fact with a name.
///
/// ```swift
/// @Test(arguments: CommandsContract.all)
/// func doesWhatEveryCacheDoes(contract: CommandsContract) throws {
///     try contract.check(MyCache(MockClient()))
/// }
/// ```
///
/// The cases use keys of their own, so that a cache may hold other items. They need a cache whose policies hide
/// nothing.
public struct CommandsContract: Sendable, CustomTestStringConvertible {
    /// A cache under test.
    struct Subject {
        let cache: any MemcachedCommands
        let clock: MockClock?

        func expires(_ key: String, within seconds: Int) throws -> Bool {
            if let clock {
                clock.advance(by: .seconds(seconds))
                return try cache.item(key) == nil
            }
            return try eventually(timeout: .seconds(seconds + 20)) { try cache.item(key) == nil }
        }
    }

    /// What the case is about.
    public let name: String
    private let body: @Sendable (Subject) throws -> Void

    init(_ name: String, _ body: @escaping @Sendable (Subject) throws -> Void) {
        self.name = name
        self.body = body
    }

    /// All cases.
    public static let all: [CommandsContract] = singleItems + manyItems

    /// Checks a cache, and records an issue for each expectation that it does not meet.
    ///
    /// - Parameters:
    ///   - cache: The cache.
    ///   - clock: The clock of the mock behind it, if that has one of its own; else the test waits.
    /// - Throws: What the cache throws where it should not.
    public func check(_ cache: any MemcachedCommands, clock: MockClock? = nil) throws {
        try body(Subject(cache: cache, clock: clock))
    }

    /// The name of the case.
    public var testDescription: String { name }
}

/// The code of the error that `body` throws.
func code(of body: () throws -> Void) throws -> MemcachedError.Code {
    try #require(throws: MemcachedError.self, performing: body).code
}
