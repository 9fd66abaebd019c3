import SwiftLibMC
import TestSupport

/// What chaos asks of a cache, whichever kind of client is below.
protocol ChaosCache: Sendable {
    func get(_ key: String) async throws -> [UInt8]?
    func getMulti(_ keys: [String]) async throws -> [String: [UInt8]]
    func set(_ key: String, _ value: [UInt8]) async throws
    func setMulti(_ values: [(String, [UInt8])]) async throws -> [String]
    func add(_ key: String, _ value: [UInt8]) async throws -> Bool
    func append(_ key: String, _ value: [UInt8]) async throws -> Bool
    func delete(_ key: String) async throws -> Bool
    func incr(_ key: String) async throws -> UInt64
}

/// An asynchronous client.
struct AsyncCache: ChaosCache {
    let client: AsyncClient

    func get(_ key: String) async throws -> [UInt8]? { try await client.get(key, as: [UInt8].self) }
    func getMulti(_ keys: [String]) async throws -> [String: [UInt8]] {
        try await client.getMulti(keys, as: [UInt8].self)
    }
    func set(_ key: String, _ value: [UInt8]) async throws { try await client.set(key, value) }
    func setMulti(_ values: [(String, [UInt8])]) async throws -> [String] { try await client.setMulti(values) }
    func add(_ key: String, _ value: [UInt8]) async throws -> Bool { try await client.add(key, value) }
    func append(_ key: String, _ value: [UInt8]) async throws -> Bool { try await client.append(key, value) }
    func delete(_ key: String) async throws -> Bool { try await client.delete(key) }
    func incr(_ key: String) async throws -> UInt64 { try await client.incr(key) }
}

/// A pool, for tasks that have a thread each.
struct PoolCache: ChaosCache {
    let pool: ClientPool

    func get(_ key: String) async throws -> [UInt8]? { try lend { try $0.get(key, as: [UInt8].self) } }
    func getMulti(_ keys: [String]) async throws -> [String: [UInt8]] {
        try lend { try $0.getMulti(keys, as: [UInt8].self) }
    }
    func set(_ key: String, _ value: [UInt8]) async throws { try lend { _ = try $0.set(key, value) } }
    func setMulti(_ values: [(String, [UInt8])]) async throws -> [String] { try lend { try $0.setMulti(values) } }
    func add(_ key: String, _ value: [UInt8]) async throws -> Bool { try lend { try $0.add(key, value) } }
    func append(_ key: String, _ value: [UInt8]) async throws -> Bool { try lend { try $0.append(key, value) } }
    func delete(_ key: String) async throws -> Bool { try lend { try $0.delete(key) } }
    func incr(_ key: String) async throws -> UInt64 { try lend { try $0.incr(key) } }

    private func lend<R: Sendable>(_ body: (Client) throws -> R) throws -> R {
        try pool.withClient(timeout: .seconds(60)) { client in try body(client) }
    }
}
