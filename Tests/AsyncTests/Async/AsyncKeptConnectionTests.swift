import SwiftLibMC
import TestSupport
import Testing

/// Connections of an asynchronous client that the server has closed while nobody used them.
@Suite("Asynchronous client: kept connections", .timeLimit(.minutes(5)))
struct AsyncKeptConnectionTests {
    @Test(arguments: [MemcachedOptions.tcp, .unix], [true, false])
    func commandsThatMustNotBeRepeatedSucceed(_ options: MemcachedOptions, binary: Bool) async throws {
        let server = try MemcachedServer.start(options)
        defer { server.kill() }
        let behaviors = Behaviors(connectTimeout: .seconds(10), pollTimeout: .seconds(10))
        let client = try AsyncClient(
            cloning: try Client([server.address], binary: binary, behaviors: behaviors),
            connections: 2
        )
        for round in 1...3 {
            // Each thread has a connection, and each of them is lost.
            for number in 0..<8 { #expect(try await client.incr("counter-\(number)", initial: 1) == 1) }
            try server.restart()
            for number in 0..<8 {
                let key = "counter-\(number)"
                #expect(try await client.incr(key, initial: 10) == 10, "\(round)")
                #expect(try await client.append(key, "0"))
                #expect(try await client.incr(key) == 101)
                #expect(try await client.delete(key))
            }
            try server.restart()
            #expect(try await client.add("quiet", round, noreply: true))
            let value = try await client.get("quiet", as: Int.self)
            #expect(value == round)
            try server.restart()
        }
        await client.shutdown()
    }
}
