import Foundation
import SwiftLibMC
import TestSupport
import Testing

/// Reads and writes a lot, and whether all of it was right.
private func isRight(_ client: Client, _ name: String) throws -> Bool {
    for number in 0..<300 {
        let key = "\(name)-\(number)"
        try client.set(key, key)
        guard try client.get(key) == key, try client.getMulti([key, "none"]) == [key: key] else { return false }
    }
    return try client.incr("\(name)-counter", initial: 7) == 7 && client.setMulti(["\(name)-last": 1]) == []
}

/// Forks, which give the child the parent's connections.
@Suite("Hazards: forks", .enabled(if: canFork), .timeLimit(.minutes(5)))
struct ForkHazards {
    /// Each reads the other's replies if they share a connection.
    @Test(.hazard(98)) func parentAndChildDoNotShareAConnection() async {
        await #expect(processExitsWith: .success) {
            alarm(200)
            for binary in [true, false] {
                let server = try MemcachedServer.start()
                let client = try Client([server.address], binary: binary, behaviors: .patient)
                try #require(try isRight(client, "before"))
                // Both at the same time.
                var ends: [CInt] = [0, 0]
                try #require(unsafe pipe(&ends) == 0)
                let (reading, writing) = (ends[0], ends[1])
                let child = forkedChild {
                    var byte: UInt8 = 1
                    return try unsafe write(writing, &byte, 1) == 1 && isRight(client, "child")
                }
                var byte: UInt8 = 0
                try #require(unsafe read(reading, &byte, 1) == 1)
                try #require(try isRight(client, "parent"))
                try #require(exitStatus(of: child) == 0)
                try #require(try isRight(client, "after"))
            }
        }
    }

    /// The parent goes on with the connection that it had.
    @Test(.hazard(98)) func aChildDoesNotCloseItsParentsConnection() async {
        await #expect(processExitsWith: .success) {
            alarm(200)
            let server = try MemcachedServer.start()
            var client: Client? = try Client([server.address], behaviors: .patient)
            try client?.set("key", 1)
            let ends: [(inout Client?) throws -> Void] = [
                { $0 = nil },
                { $0?.disconnectAll() },
                { try $0?.setBehaviors(Behaviors(pollTimeout: .seconds(3))) },
                { $0?.forgetDeadHosts() },
                { try $0?.setServers($0?.servers ?? []) },
                { _ = try $0?.clone().get("key", as: Int.self) },
            ]
            for (number, end) in ends.enumerated() {
                let connections = try server.statistics()["total_connections"]
                let status = inForkedChild {
                    try end(&client)
                    return true
                }
                try #require(status == 0)
                try #require(try client?.get("key") == 1)
                let now = try server.statistics()["total_connections"]
                // One more for each time that the statistics are asked for, and two of the clone, which comes last: it asks
                // what the server speaks.
                let new = (Int(now ?? "") ?? .max) - (Int(connections ?? "") ?? 0)
                try #require(new <= (number == ends.count - 1 ? 3 : 1))
            }
        }
    }
}
