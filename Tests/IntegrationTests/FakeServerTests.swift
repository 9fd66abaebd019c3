import Foundation
import TestSupport
import Testing

/// Facts about the scripted server and the dead addresses.
@Suite("Fake server", .timeLimit(.minutes(1)))
struct FakeServerTests {
    /// A client that gives up soon, for what never comes.
    private func impatient(_ server: FakeServer) throws -> RawConnection {
        try RawConnection(to: server.address, timeout: .milliseconds(50))
    }

    @Test(arguments: [false, true])
    func answersEveryRequest(unix: Bool) throws {
        let server = try FakeServer(unix: unix, scripts: [.answering("END\r\n")])
        let connection = try RawConnection(to: server.address)
        // Two in one packet, one in two packets.
        try connection.send("get a\r\nset b 0 0 3\r\nx\r\n\r\nge")
        #expect(try connection.receive(through: "END\r\n") == "END\r\n")
        #expect(try connection.receive(through: "END\r\n") == "END\r\n")
        try connection.send("t cc\r\n")
        #expect(try connection.receive(through: "END\r\n") == "END\r\n")
        #expect(server.requests.map(\.key) == ["a", "b", "cc"])
        #expect(server.requests.map(\.line) == ["get a", "set b 0 0 3", "get cc"])
        #expect(server.connectionCount == 1)
        #expect(server.received.count == "get a\r\nset b 0 0 3\r\nx\r\n\r\nget cc\r\n".utf8.count)
    }

    @Test func answersInTheBinaryProtocol() throws {
        let server = try FakeServer(
            .answering { $0.binaryReply(status: 1, flags: [1, 2, 3, 4], value: Array($0.key.utf8), cas: 0x0102) }
        )
        let connection = try RawConnection(to: server.address)
        let header: [UInt8] = [0x80, 0x0a, 0, 2, 0, 0, 0, 0, 0, 0, 0, 2, 9, 8, 7, 6, 0, 0, 0, 0, 0, 0, 0, 0]
        try connection.send(header + Array("kk".utf8))
        let expected: [UInt8] = [0x81, 0x0a, 0, 0, 4, 0, 0, 1, 0, 0, 0, 6, 9, 8, 7, 6, 0, 0, 0, 0, 0, 0, 1, 2]
        #expect(try connection.receive(30) == expected + [1, 2, 3, 4] + Array("kk".utf8))
        #expect(server.requests.first?.opcode == 0x0a)
    }

    @Test func silentReadsAndNeverAnswers() async throws {
        let server = try FakeServer(.silent)
        let connection = try impatient(server)
        try connection.send([UInt8](repeating: 1, count: 100_000))
        #expect(await eventually { server.received.count == 100_000 })
        #expect(throws: SystemError.self) { try connection.receive(1) }
        #expect(server.openConnectionCount == 1)
    }

    @Test func frozenDoesNotEvenRead() throws {
        let server = try FakeServer(.frozen)
        let connection = try impatient(server)
        #expect(throws: SystemError.self) { try connection.send([UInt8](repeating: 1, count: 50_000_000)) }
        #expect(server.received.isEmpty)
    }

    @Test func closesAfterSoManyBytes() throws {
        let server = try FakeServer(.closing(afterReceiving: 10))
        let connection = try RawConnection(to: server.address)
        try connection.send("12345")
        try connection.send("67890")
        #expect(try connection.receiveAll().isEmpty)
        #expect(server.received.count == 10)
    }

    @Test func closesInTheMiddleOfAReply() throws {
        let server = try FakeServer(.closing(afterSending: Array("VALUE k 0".utf8)))
        let connection = try RawConnection(to: server.address)
        try connection.send("get k\r\n")
        #expect(try connection.receive(through: "END") == "VALUE k 0")
    }

    @Test func stallsInTheMiddleOfAReply() throws {
        let server = try FakeServer(.stalling(afterSending: Array("VALUE".utf8)))
        let connection = try impatient(server)
        try connection.send("get k\r\n")
        #expect(try connection.receive(5) == Array("VALUE".utf8))
        #expect(throws: SystemError.self) { try connection.receive(1) }
    }

    @Test func dribblesByteByByte() throws {
        let server = try FakeServer(.dribbling(Array("END\r\n".utf8), every: .milliseconds(10)))
        let connection = try RawConnection(to: server.address)
        try connection.send("get k\r\n")
        let start = ContinuousClock.now
        #expect(try connection.receive(through: "\r\n") == "END\r\n")
        #expect(ContinuousClock.now - start >= .milliseconds(45))
    }

    @Test func speaksHTTP() throws {
        let server = try FakeServer(.http)
        let connection = try RawConnection(to: server.address)
        try connection.send([0x80])
        #expect(String(decoding: try connection.receiveAll(), as: UTF8.self).hasPrefix("HTTP/1.1 400"))
    }

    @Test func eachConnectionHasItsScriptAndTheLastOneStays() throws {
        let server = try FakeServer(.closingAtOnce, .answering("ONE\r\n"), .answering("TWO\r\n"))
        #expect(try RawConnection(to: server.address).receiveAll().isEmpty)
        for expected in ["ONE\r\n", "TWO\r\n", "TWO\r\n"] {
            let connection = try RawConnection(to: server.address)
            try connection.send("version\r\n")
            #expect(try connection.receive(through: "\r\n") == expected)
        }
        #expect(server.connectionCount == 4)
    }

    @Test func noticesThatTheClientCloses() async throws {
        let server = try FakeServer(.silent)
        var connection: RawConnection? = try RawConnection(to: server.address)
        #expect(await eventually { server.openConnectionCount == 1 })
        try connection?.send("x")
        connection = nil
        #expect(await eventually { server.openConnectionCount == 0 })
    }

    @Test(arguments: [false, true])
    func stopClosesEverything(unix: Bool) throws {
        let server = try FakeServer(unix: unix, scripts: [.frozen, .silent])
        let connections = try (0..<2).map { _ in try RawConnection(to: server.address) }
        server.stop()
        server.stop()
        for connection in connections {
            #expect(try connection.receiveAll().isEmpty)
        }
        #expect(throws: SystemError.self) { try RawConnection(to: server.address) }
        #expect(server.openConnectionCount == 0)
    }

    @Test func manyAtOnce() async throws {
        let server = try FakeServer(.answering("END\r\n"))
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<50 {
                group.addTask {
                    let connection = try RawConnection(to: server.address)
                    try connection.send("get k\r\n")
                    #expect(try connection.receive(through: "\n") == "END\r\n")
                }
            }
            try await group.waitForAll()
        }
        #expect(server.connectionCount == 50)
    }

    @Test func connectingToABlackHoleHangs() throws {
        let hole = try BlackHole()
        for _ in 0..<3 {
            let error = #expect(throws: SystemError.self) {
                try RawConnection(to: hole.address, timeout: .milliseconds(100))
            }
            #expect(error?.code == 0, "no system call fails, the time runs out")
        }
    }

    @Test(arguments: [false, true])
    func aRefusingAddressRefusesAtOnce(unix: Bool) throws {
        let nobody = try RefusingAddress(unix: unix)
        let error = #expect(throws: SystemError.self) { try RawConnection(to: nobody.address) }
        #expect(error?.code == ECONNREFUSED)
    }
}
