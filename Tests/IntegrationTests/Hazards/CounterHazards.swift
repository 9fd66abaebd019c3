import Foundation
import SwiftLibMC
import TestSupport
import Testing

/// Counters, at whose refusal libmemcached ends the process.
@Suite("Hazards: counters", .blocking, .timeLimit(.minutes(5)))
struct CounterHazards {
    @Test(.hazard(60, 95)) func withoutCredentialsTheFirstCommandIsRefused() async {
        await #expect(processExitsWith: .success) {
            alarm(200)
            let server = try MemcachedServer.start(.sasl)
            for command in Command.keyed + Command.ofServers {
                let client = try Client([server.address], behaviors: .patient)
                let error = try #require(throws: MemcachedError.self, "\(command)") { try command.run(client, "k") }
                try #require(error.code == .authFailure, "\(command)")
            }
        }
    }

    @Test(.hazard(60, 61, 95)) func wrongCredentialsDoNotEndTheProcess() async {
        await #expect(processExitsWith: .success) {
            alarm(200)
            let (sasl, plain) = (try MemcachedServer.start(.sasl), try MemcachedServer.start(.tcp))
            for command in Command.keyed {
                for address in [sasl.address, plain.address] {
                    let client = try Client([address], username: "testuser", password: "wrong", behaviors: .patient)
                    let error = try #require(throws: MemcachedError.self, "\(command)") { try command.run(client, "k") }
                    try #require(error.isAuthenticationFailure, "\(command)")
                }
            }
        }
    }

    /// New counters, and old ones that need a digit more.
    @Test(.hazard(95, 97)) func aFullServerRefusesToCount() async {
        await #expect(processExitsWith: .success) {
            alarm(200)
            for binary in [true, false] {
                let server = try MemcachedServer.start("-m", "2", "-M")
                let client = try Client([server.address], binary: binary, behaviors: .patient)
                // Numbers fill the memory for small items, and texts the rest.
                var old: [String] = []
                func fill(_ name: String, with value: [UInt8], atOnce count: Int) throws {
                    let writer = try Client([server.address], behaviors: .patient)
                    while true {
                        let keys = (0..<count).map { _ in uniqueKey(name) }
                        guard try writer.setMulti(keys.map { ($0, value) }) == [] else { return }
                        if name == "number" { old += keys }
                    }
                }
                try fill("number", with: [UInt8(ascii: "9")], atOnce: 100)
                for size in [100, 1000, 10_000, 100_000] {
                    try fill("text", with: [UInt8](repeating: 1, count: size), atOnce: 10)
                }
                var refusals = 0
                for number in 0..<50 {
                    let counts: [() throws -> UInt64] = [
                        { try client.incr("new-\(number)", initial: 1) },
                        { try client.decr("new-\(number)", initial: 1) },
                        { try client.incr(old[number], delta: 1_000_000_000_000) },
                    ]
                    for count in counts {
                        do {
                            let value = try count()
                            try #require([0, 1, 2, 1_000_000_000_009].contains(value))
                        } catch let error as MemcachedError {
                            let codes = [MemcachedError.Code.memoryAllocationFailure, .serverMemoryAllocationFailure]
                            try #require(codes.contains(error.code), "\(error)")
                            refusals += 1
                        }
                    }
                    // The connection, or the next one, is in order.
                    try #require(try client.get(old[200]) == 9)
                    try #require(try client.incr(old[number + 100], delta: 0) == 9)
                }
                try #require(refusals > 0)
            }
        }
    }

    /// With 2^32 - 1 the server would not create it, and -1 means that number.
    @Test(.hazard(55, 56), arguments: Route.protocols)
    func countersAreCreatedWhateverTheirTime(_ route: Route) throws {
        let client = try route.client()
        let times: [Expiration] = [
            .never, 60, .days(31), .seconds(Int(UInt32.max)), .seconds(.max), .unixTime(Int(UInt32.max)),
            .at(.distantFuture),
        ]
        for time in times {
            let key = uniqueKey()
            #expect(try client.incr(key, initial: 5, time: time) == 5)
            #expect(try client.incr(key, initial: 5, time: time) == 6)
        }
        for time in [.now, -1, .at(.distantPast)] as [Expiration] {
            let key = uniqueKey()
            #expect(try client.incr(key, initial: 5, time: time) == 5)
            #expect(try client.get(key, as: Int.self) == nil)
        }
    }

    /// What answers a counter may be something else than a memcached server.
    @Test(.hazard(51, 95)) func nonsenseDoesNotEndTheProcess() async {
        await #expect(processExitsWith: .success) {
            alarm(200)
            let scripts: [FakeScript] = [
                .http, .answering("5\r\n"), .answering("END\r\n"), .answering("VALUE k 0 1\r\n1\r\nEND\r\n"),
                .answering { $0.binaryReply(status: 0x81) }, .answering { $0.binaryReply(status: 0x82) },
                .answering { $0.binaryReply(value: [0, 0, 0, 0, 0, 0, 0, 5]) },
                .answering { $0.binaryReply(status: 1) },
                // In order at first: only the counter's own reply is refused.
                FakeScript(
                    [.request, .answer { $0.binaryReply(status: 1) }, .request, .answer { $0.binaryReply(status: 1) }]
                        + [.request, .answer { $0.binaryReply(status: 0x20) }]
                ),
                FakeScript(
                    [.request, .answer { $0.binaryReply(status: 1) }, .request, .answer { $0.binaryReply(status: 1) }]
                        + [.request, .reset]
                ),
            ]
            for script in scripts {
                for command in Command.changes + Command.multiChanges {
                    for binary in [true, false] {
                        let server = try FakeServer(script)
                        let client = try Client(
                            [server.address],
                            binary: binary,
                            behaviors: Behaviors(pollTimeout: .milliseconds(20))
                        )
                        for _ in 0..<2 { try? command.run(client, "k") }
                    }
                }
            }
        }
    }
}
