import SwiftLibMC
import TestSupport
import Testing

/// Every public operation against everything that a server can do wrong.
@Suite("Fault matrix", .blocking, .timeLimit(.minutes(5)))
struct FaultMatrixTests {
    /// What is at the other end.
    enum Condition: String, CaseIterable, CustomTestStringConvertible {
        case healthy, refused, blackHole, silent, closesAtOnce, resets, garbage, longGarbage
        case serverError, error, clientError, strayEnd, truncatedValue, stalledValue, outOfMemory, wantsCredentials

        var testDescription: String { rawValue }

        /// What the program is told to expect.
        func expectation(_ choice: MemcachedProtocol) -> String {
            switch self {
            case .healthy: "healthy"
            case .outOfMemory: "full"
            case .strayEnd where choice == .text: "empty"
            default: "broken"
            }
        }

        /// Lends the address of a server of this kind.
        func withAddress(_ body: (String) throws -> Void) throws {
            switch self {
            case .healthy, .wantsCredentials:
                let server = try MemcachedServer.start(self == .healthy ? .tcp : .sasl)
                try body(server.address)
            case .refused:
                let address = try RefusingAddress()
                try body(address.address)
            case .blackHole:
                let address = try BlackHole()
                try body(address.address)
            default:
                let server = try FakeServer(script)
                try body(server.address)
            }
        }

        private var script: FakeScript {
            switch self {
            case .closesAtOnce: .closingAtOnce
            case .resets: .resetting
            case .garbage: .http
            case .longGarbage: .answering(String(repeating: "x", count: 5000))
            case .serverError: .answering("SERVER_ERROR no\r\n")
            case .error: .answering("ERROR\r\n")
            case .clientError: .answering("CLIENT_ERROR no\r\n")
            case .strayEnd: .answering("END\r\n")
            case .truncatedValue: .closing(afterSending: Array("VALUE k 0 100\r\nabc".utf8))
            case .stalledValue: .stalling(afterSending: Array("VALUE k 0 100\r\nabc".utf8))
            case .outOfMemory:
                .answering { request in
                    guard request.isBinary else { return Array("SERVER_ERROR out of memory\r\n".utf8) }
                    return request.binaryReply(status: 0x82, value: Array("Out of memory".utf8))
                }
            default: .silent
            }
        }
    }

    @Test(
        "every operation ends in time, with a right value or an error that names it",
        .hazard(21, 25, 31, 50, 57, 61, 95),
        .slow,
        arguments: Condition.allCases,
        MemcachedProtocol.allCases
    )
    func everyOperationFailsWell(_ condition: Condition, _ choice: MemcachedProtocol) throws {
        try condition.withAddress { address in
            try Probe.run(
                "matrix",
                choice.rawValue,
                condition.expectation(choice),
                address,
                timeout: .seconds(100)
            )
        }
    }
}
