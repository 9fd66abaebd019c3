import SwiftLibMC
import TestSupport
import Testing

/// The limit to what a value may have that is read, of clients for many.
@Suite("Limit of values: clients for many", .timeLimit(.minutes(2)))
struct AsyncValueLimitTests {
    @Test(.enabled(if: MemcachedServer.isInstalled)) func asynchronousClientsAndPoolsHaveTheLimit() async throws {
        let client = try sharedClient(.patient)
        let (key, other) = (uniqueKey(), uniqueKey())
        _ = try client.setMulti([key: [UInt8](repeating: 1, count: 1000), other: [UInt8](repeating: 2, count: 10)])
        client.maxValueBytes = 500
        #expect(try client.clone().maxValueBytes == 500)
        let cache = try AsyncClient(cloning: client)
        for _ in 0..<3 {
            async let (long, short) = (
                failure { try await cache.get(key, as: [UInt8].self) }, cache.get(other, as: [UInt8].self)
            )
            #expect(try await long?.code == .tooBig)
            #expect(try await short?.count == 10)
        }
        await cache.shutdown()
        let pool = try ClientPool(cloning: client, size: 1)
        #expect(try await failure { try pool.get(key, as: [UInt8].self) }?.code == .tooBig)
    }
}
