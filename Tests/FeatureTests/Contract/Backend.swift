import Foundation
import SwiftLibMC
import TestSupport
import Testing

/// Everything that carries out commands and has to do so alike.
enum Backend: String, CaseIterable, Sendable, CustomTestStringConvertible {
    case binary, ascii, both, pool, threadPool, mock, mockASCII, minimal, retrying, fallback, prefixed, namespaced,
        nested, near
    case async, asyncBoth, asyncMock, asyncRetrying, asyncFallback, asyncPrefixed, asyncNamespaced, asyncNested,
        asyncNear

    var testDescription: String { rawValue }

    /// Those that refuse keys with blanks.
    static let textual: [Self] = [.ascii, .mockASCII]

    /// Those with whom an empty key is none on the wire.
    static let prefixing: [Self] = [
        .prefixed, .namespaced, .nested, .asyncPrefixed, .asyncNamespaced, .asyncNested,
    ]

    /// Those that read elsewhere what the first cache does not have.
    static let fallingBack: [Self] = [.fallback, .nested, .asyncFallback, .asyncNested]

    /// Whether each command goes in the protocol that serves it best.
    private var hasChoice: Bool { self == .both || self == .asyncBoth }

    /// How many servers answer.
    var serverCount: Int { [.mock, .mockASCII, .minimal, .asyncMock].contains(self) ? 1 : 2 }

    func make() throws -> CacheUnderTest {
        let clock = MockClock(startingAt: Date())
        let mock = MockClient(clock: clock, binary: self != .mockASCII)
        let isMock = serverCount == 1
        return CacheUnderTest(
            cache: try isMock
                ? mocked(mock) : around(hasChoice ? .sharedPairOfBoth() : .sharedPair(binary: self != .ascii)),
            clock: isMock ? clock : nil
        )
    }

    private func mocked(_ mock: MockClient) -> any MemcachedCommands {
        switch self {
        case .minimal: MinimalCache(base: mock)
        case .asyncMock: Blocking(mock.asynchronous)
        default: mock
        }
    }

    /// What it is of a client.
    func around(_ client: Client) throws -> any MemcachedCommands {
        switch self {
        case .binary, .ascii, .both, .mock, .mockASCII: client
        case .minimal: MinimalCache(base: client)
        case .pool: try ClientPool(cloning: client, size: 2)
        case .threadPool: try ThreadMappedPool(cloning: client)
        case .retrying: RetryingClient(client, attempts: 3)
        case .fallback: FallbackClient([client, MockClient()])
        case .prefixed: PrefixedCommands(client, prefix: "a prefix/")
        case .namespaced: client.namespace(uniqueKey())
        case .nested: RetryingClient(FallbackClient([PrefixedCommands(RetryingClient(client), prefix: "p/")]))
        case .near: NearCache(client)
        default: Blocking(try around(AsyncClient(cloning: client, commandTimeout: .seconds(60))))
        }
    }

    /// What it is of an asynchronous client.
    private func around(_ client: AsyncClient) -> any AsyncMemcachedCommands {
        switch self {
        case .asyncRetrying: AsyncRetryingClient(client, attempts: 3)
        case .asyncFallback: AsyncFallbackClient([client, MockClient().asynchronous])
        case .asyncPrefixed: AsyncPrefixedCommands(client, prefix: "a prefix/")
        case .asyncNamespaced: client.namespace(uniqueKey())
        case .asyncNear: AsyncNearCache(client)
        case .asyncNested:
            AsyncRetryingClient(
                AsyncFallbackClient([AsyncPrefixedCommands(AsyncRetryingClient(client), prefix: "p/")])
            )
        default: client
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
    let base: any MemcachedCommands

    func execute(_ request: MemcachedRequest) throws(MemcachedError) -> MemcachedResponse { try base.execute(request) }
}

/// The code of the error that `body` throws.
func code(of body: () throws -> Void) throws -> MemcachedError.Code {
    try #require(throws: MemcachedError.self, performing: body).code
}
