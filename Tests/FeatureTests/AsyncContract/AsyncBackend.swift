import Foundation
import SwiftLibMC
import TestSupport
import Testing

/// Everything that carries out commands for tasks and has to do so alike.
enum AsyncBackend: String, CaseIterable, Sendable, CustomTestStringConvertible {
    case binary, ascii, hooked, mock, minimal, retrying, fallback, prefixed, namespaced, nested, hookedNested, near,
        hookedNear

    var testDescription: String { rawValue }

    /// Those that refuse keys with blanks.
    static let textual: [Self] = [.ascii]

    /// Those with whom an empty key is none on the wire.
    static let prefixing: [Self] = [.prefixed, .namespaced, .nested, .hookedNested]

    /// How many servers answer.
    var serverCount: Int { [.mock, .minimal].contains(self) ? 1 : 2 }

    func make() throws -> AsyncCacheUnderTest {
        guard serverCount > 1 else {
            let clock = MockClock(startingAt: Date())
            let mock = MockClient(clock: clock).asynchronous
            return AsyncCacheUnderTest(cache: self == .minimal ? AsyncMinimalCache(base: mock) : mock, clock: clock)
        }
        return AsyncCacheUnderTest(cache: try around(client(Client.sharedPairsAddresses())), clock: nil)
    }

    /// A client of the class, and with the protocol, that it needs.
    func client(_ addresses: [String]) throws -> Client {
        switch self {
        case .hooked, .hookedNested, .hookedNear: try HookedClient(addresses, behaviors: .patient)
        default: try Client(addresses, binary: self != .ascii, behaviors: .patient)
        }
    }

    /// What it is of a client.
    func around(_ client: Client) throws -> any AsyncMemcachedCommands {
        let client = try AsyncClient(cloning: client, commandTimeout: .seconds(60))
        return switch self {
        case .retrying: AsyncRetryingClient(client, attempts: 3)
        case .fallback: AsyncFallbackClient([client, MockClient().asynchronous])
        case .prefixed: AsyncPrefixedCommands(client, prefix: "a prefix/")
        case .namespaced: client.namespace(uniqueKey())
        case .near, .hookedNear: AsyncNearCache(client)
        case .nested, .hookedNested:
            AsyncRetryingClient(
                AsyncFallbackClient([AsyncPrefixedCommands(client, prefix: "p/"), MockClient().asynchronous])
            )
        default: client
        }
    }
}

struct AsyncCacheUnderTest {
    let cache: any AsyncMemcachedCommands
    /// The mock's clock; a server has its own.
    let clock: MockClock?

    /// Whether an item expires within some seconds; a mock's time flies, a server's is waited for.
    func expires(_ key: String, within seconds: Int) async throws -> Bool {
        if let clock {
            clock.advance(by: .seconds(seconds))
            return try await cache.item(key) == nil
        }
        return try await eventually(timeout: .seconds(seconds + 20)) { try await cache.item(key) == nil }
    }
}

/// A client whose threads convert the values, by hooks that do what the standard ones do.
private final class HookedClient: Client {}

/// No more than a type has to have to be a cache.
private struct AsyncMinimalCache: AsyncMemcachedCommands {
    let base: any AsyncMemcachedCommands

    func execute(_ request: MemcachedRequest) async throws(MemcachedError) -> MemcachedResponse {
        try await base.execute(request)
    }
}

/// The error that `body` throws.
func failure(of body: () async throws -> Void) async throws -> MemcachedError {
    do {
        try await body()
    } catch let error as MemcachedError {
        return error
    }
    return try #require(nil as MemcachedError?, "nothing was thrown")
}

/// The code of the error that `body` throws.
func code(of body: () async throws -> Void) async throws -> MemcachedError.Code { try await failure(of: body).code }
