import Foundation
import SwiftLibMC
import TestSupport
import Testing

/// Everything that carries out commands and has to do so alike.
enum Backend: String, CaseIterable, Sendable, CustomTestStringConvertible {
    case binary, ascii, mock, mockASCII, minimal, retrying, fallback, prefixed, namespaced

    var testDescription: String { rawValue }

    /// Those that refuse keys with blanks.
    static let textual: [Self] = [.ascii, .mockASCII]

    /// Those with whom an empty key is none on the wire.
    static let prefixing: [Self] = [.prefixed, .namespaced]

    func make() throws -> CacheUnderTest {
        let clock = MockClock(startingAt: Date())
        let client = try Client.shared(binary: self != .ascii)
        return switch self {
        case .binary, .ascii: CacheUnderTest(cache: client, clock: nil)
        case .mock: CacheUnderTest(cache: MockClient(clock: clock), clock: clock)
        case .mockASCII: CacheUnderTest(cache: MockClient(clock: clock, binary: false), clock: clock)
        case .minimal: CacheUnderTest(cache: MinimalCache(base: MockClient(clock: clock)), clock: clock)
        case .retrying: CacheUnderTest(cache: RetryingClient(client, attempts: 3), clock: nil)
        case .fallback: CacheUnderTest(cache: FallbackClient([client, MockClient()]), clock: nil)
        case .prefixed: CacheUnderTest(cache: PrefixedCommands(client, prefix: "a prefix/"), clock: nil)
        case .namespaced: CacheUnderTest(cache: client.namespace(uniqueKey()), clock: nil)
        }
    }
}

struct CacheUnderTest {
    let cache: any MemcachedCommands
    /// The mock's clock; a server has its own.
    let clock: MockClock?

    /// Whether an item expires within some seconds; a mock's time flies, a server's is waited for.
    func expires(_ key: String, within seconds: Int) throws -> Bool {
        if let clock {
            clock.advance(by: .seconds(seconds))
            return try cache.item(key) == nil
        }
        return try eventually(timeout: .seconds(seconds + 20)) { try cache.item(key) == nil }
    }
}

/// No more than a type has to have to be a cache, so that the rest is what the protocol makes of it.
struct MinimalCache: MemcachedCommands {
    let base: MockClient

    func item<K: CacheKey>(_ key: K) throws(MemcachedError) -> Item? { try base.item(key) }

    func store<K: CacheKey, V: Encodable>(
        _ key: K,
        _ value: V,
        when condition: StoreCondition,
        with options: StoreOptions
    ) throws(MemcachedError) -> Bool {
        try base.store(key, value, when: condition, with: options)
    }

    func compareAndSwap<K: CacheKey, V: Encodable>(
        _ key: K,
        _ value: V,
        cas: CAS,
        with options: StoreOptions
    ) throws(MemcachedError) -> Bool {
        try base.compareAndSwap(key, value, cas: cas, with: options)
    }

    func append<K: CacheKey, V: Appendable>(_ key: K, _ value: V, noreply: Bool) throws(MemcachedError) -> Bool {
        try base.append(key, value, noreply: noreply)
    }

    func prepend<K: CacheKey, V: Appendable>(_ key: K, _ value: V, noreply: Bool) throws(MemcachedError) -> Bool {
        try base.prepend(key, value, noreply: noreply)
    }

    func delete<K: CacheKey>(_ key: K, noreply: Bool) throws(MemcachedError) -> Bool {
        try base.delete(key, noreply: noreply)
    }

    func touch<K: CacheKey>(_ key: K, time: Expiration) throws(MemcachedError) -> Bool {
        try base.touch(key, time: time)
    }

    func count<K: CacheKey>(_ key: K, by step: CounterStep) throws(MemcachedError) -> UInt64 {
        try base.count(key, by: step)
    }

    func flushAll(time: Expiration) throws(MemcachedError) { try base.flushAll(time: time) }
}

/// The code of the error that `body` throws.
func code(of body: () throws -> Void) throws -> MemcachedError.Code {
    try #require(throws: MemcachedError.self, performing: body).code
}
