import SwiftLibMC
import TestSupport
import Testing

/// What the examples of the documents run against; Scripts/examples puts calls of this into them.
enum Example {
    /// The servers of the example that runs.
    @TaskLocal static var servers = ExampleServers()

    /// A client of the first plain server, patient enough for a busy machine.
    static func client() throws -> Client {
        try Client([plain(1)], behaviors: Behaviors(connectTimeout: .seconds(10), pollTimeout: .seconds(10)))
    }

    /// The address of a plain server.
    static func plain(_ number: Int) -> String { servers.server(number, .tcp).address }

    /// The address of a server that wants a user name and a password.
    static var guarded: String {
        servers.server(1, .sasl(SASLAccount(username: "app", password: "secret"))).address
    }

    /// The path of a server's unix socket.
    static var unix: String { servers.server(1, .unix).address }
}

/// The servers of one example, started when it mentions them.
final class ExampleServers: Sendable {
    private struct Name: Hashable {
        let number: Int
        let options: MemcachedOptions
    }

    private let running = Locked<[Name: MemcachedServer]>([:])

    /// Not throwing, because its address stands where the documents have string literals.
    func server(_ number: Int, _ options: MemcachedOptions) -> MemcachedServer {
        running.withLock { running in
            let name = Name(number: number, options: options)
            if let server = running[name] { return server }
            do {
                let server = try MemcachedServer.start(options)
                running[name] = server
                return server
            } catch {
                fatalError("the example has no server: \(error)")
            }
        }
    }
}

/// Gives each example of a document servers of its own, so that all may use the same keys.
struct ExampleTrait: SuiteTrait, TestTrait, TestScoping {
    var isRecursive: Bool { true }

    func provideScope(
        for test: Test,
        testCase: Test.Case?,
        performing function: @concurrent @Sendable () async throws -> Void
    ) async throws {
        try await Example.$servers.withValue(ExampleServers(), operation: function)
    }
}

extension Trait where Self == ExampleTrait {
    /// Servers of its own for each example.
    static var example: Self { Self() }
}
