import SwiftLibMC
import TestSupport

extension Behaviors {
    /// For tests of servers that don't answer.
    static let impatient: Behaviors = {
        var behaviors = Behaviors.default
        behaviors.pollTimeout = .milliseconds(200)
        behaviors.connectTimeout = .milliseconds(200)
        behaviors.retryTimeout = .seconds(1)
        return behaviors
    }()
}

/// A client of the server that all tests share.
func sharedClient(_ behaviors: Behaviors = .patient) throws -> Client {
    try Client([try MemcachedServer.shared(.tcp).address], behaviors: behaviors)
}

/// A client that counts how many of its class there are.
final class CountedClient: Client {
    /// What the clones of one client share.
    final class Count: Sendable {
        private let living = Locked(0)
        var value: Int { living.withLock { $0 } }
        func add(_ number: Int) { living.withLock { $0 += number } }
    }

    private(set) var count: Count?

    init(_ servers: [String], behaviors: Behaviors = .patient, count: Count) throws {
        self.count = count
        try super.init(servers: servers.map { text in try Server(parsing: text) }, behaviors: behaviors)
        count.add(1)
    }

    required init(_ seed: consuming sending Seed) { super.init(seed) }

    deinit { count?.add(-1) }

    override func clone() throws(MemcachedError) -> sending Self {
        let copy = try super.clone()
        copy.count = count
        count?.add(1)
        return copy
    }

    override class var usesDefaultFormat: Bool { true }
}

extension MemcachedServer {
    /// How many connections clients have to the server.
    func connectionCount() throws -> Int {
        // One of them is the one that asks.
        try Int(statistics()["curr_connections"] ?? "").map { $0 - 1 } ?? -1
    }
}
