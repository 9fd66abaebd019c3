import Foundation
import SwiftLibMC
import SwiftLibMCTesting
import Testing

/// What the integration runs with.
enum Backend: String, CaseIterable, CustomTestStringConvertible {
    case server, mock

    var testDescription: String { rawValue }

    func make() throws -> CacheAndClock {
        switch self {
        case .server:
            let client = try Client([MemcachedServer.shared(.tcp).address])
            return CacheAndClock(cache: try AsyncClient(cloning: client, commandTimeout: .seconds(60)), clock: nil)
        case .mock:
            let clock = MockClock(startingAt: Date())
            return CacheAndClock(cache: MockClient(clock: clock).asynchronous, clock: clock)
        }
    }
}

struct CacheAndClock {
    let cache: any AsyncMemcachedCommands
    /// The mock's clock; a server has its own.
    let clock: MockClock?

    var now: @Sendable () -> Date {
        let clock = clock ?? .system
        return { clock.now }
    }

    /// The same items as another process has them.
    func another() throws -> any AsyncMemcachedCommands { clock == nil ? try Backend.server.make().cache : cache }

    /// Lets time pass; a mock's flies.
    func wait(_ duration: Duration) async throws {
        if let clock { clock.advance(by: duration) } else { try await Task.sleep(for: duration) }
    }
}
