import SwiftLibMC
import Testing

// What Documentation/Vapor.md is compiled against: declarations of the shape that Vapor's and SwiftNIO's have.

/// The shape of Vapor 4.
enum Vapor4 {
    protocol Cache: Sendable {
        func get<T>(_ key: String, as type: T.Type) -> EventLoopFuture<T?> where T: Decodable
        func set<T>(_ key: String, to value: T?) -> EventLoopFuture<Void> where T: Encodable
        func set<T>(_ key: String, to value: T?, expiresIn expirationTime: CacheExpirationTime?) -> EventLoopFuture<
            Void
        >
        where T: Encodable
        func `for`(_ request: Request) -> Self
    }

    struct CacheExpirationTime: Sendable { var seconds: Int }

    struct Request: Sendable { let eventLoop: any EventLoop }

    protocol EventLoop: Sendable {}

    /// Does nothing until its value is asked for.
    struct EventLoopFuture<Value> {
        let get: () async throws -> Value

        func flatMapThrowing<New>(_ change: @escaping (Value) throws -> New) -> EventLoopFuture<New> {
            EventLoopFuture<New> { try change(try await get()) }
        }
    }

    struct Loop: EventLoop {}
}

extension Vapor4.EventLoop {
    func makeFutureWithTask<Value: Sendable>(
        _ body: @escaping @Sendable () async throws -> Value
    ) -> Vapor4.EventLoopFuture<Value> { Vapor4.EventLoopFuture { try await body() } }

    func makeFailedFuture<Value>(_ error: any Error) -> Vapor4.EventLoopFuture<Value> {
        Vapor4.EventLoopFuture { throw error }
    }
}

/// The shape of Vapor 5.
enum Vapor5 {
    protocol Cache: Sendable {
        func get<T>(_ key: String, as type: T.Type) async throws -> T? where T: Decodable & Sendable
        func set<T>(_ key: String, to value: T?, expiresIn expirationTime: CacheExpirationTime?) async throws
        where T: Encodable & Sendable
    }

    struct CacheExpirationTime: Sendable { var seconds: Int }
}

@Suite("Documentation/Vapor.md, the adapters", .example, .timeLimit(.minutes(2)))
struct VaporTests {
    private struct User: Codable, Equatable { var name: String }

    @Test("Vapor 4: a value is stored, expires, and nil deletes it")
    func vapor4() async throws {
        let client = try Example.client()
        let any = Vapor4.MemcachedCache(cache: try AsyncClient(cloning: client), eventLoop: Vapor4.Loop())
        let cache = any.for(Vapor4.Request(eventLoop: Vapor4.Loop()))
        try await cache.set("user", to: User(name: "Ada"), expiresIn: .init(seconds: 60)).get()
        #expect(try await cache.get("user", as: User.self).get() == User(name: "Ada"))
        #expect(try client.get("user", as: User.self) == User(name: "Ada"))
        try await cache.set("user", to: User?.none).get()
        #expect(try await cache.get("user", as: User.self).get() == nil)
        try await cache.set("gone", to: "at once", expiresIn: .init(seconds: -1)).get()
        #expect(try await cache.get("gone", as: String.self).get() == nil)
    }

    @Test("Vapor 5: a value is stored, expires, and nil deletes it")
    func vapor5() async throws {
        let mock = MockClient()
        let cache = Vapor5.MemcachedCache(cache: mock.asynchronous)
        try await cache.set("user", to: User(name: "Ada"), expiresIn: .init(seconds: 60))
        #expect(try await cache.get("user", as: User.self) == User(name: "Ada"))
        try await cache.set("user", to: User?.none, expiresIn: nil)
        #expect(try mock.contains("user") == false)
        try await cache.set("gone", to: "at once", expiresIn: .init(seconds: -1))
        #expect(try mock.contains("gone") == false)
    }
}
