import SwiftLibMC
import TestSupport
import Testing

/// A way to a server: a protocol over a transport, with credentials or without.
///
/// Suites about what both protocols can do run once for each.
enum Route: String, CaseIterable, Sendable, CustomTestStringConvertible {
    case binaryTCP = "binary, TCP"
    case binaryUnix = "binary, unix socket"
    case binarySASL = "binary, TCP with password"
    case asciiTCP = "ASCII, TCP"
    case asciiUnix = "ASCII, unix socket"

    /// Those without credentials, for tests that look at the server over a plain connection too.
    static let open = [Route.binaryTCP, .binaryUnix, .asciiTCP, .asciiUnix]
    /// One for each protocol, for tests whose subject lies above the transport.
    static let protocols = [Route.binaryTCP, .asciiTCP]

    var testDescription: String { rawValue }

    var isBinary: Bool {
        switch self {
        case .binaryTCP, .binaryUnix, .binarySASL: true
        case .asciiTCP, .asciiUnix: false
        }
    }

    /// What the server is started with.
    var options: MemcachedOptions {
        switch self {
        case .binaryTCP, .asciiTCP: .tcp
        case .binaryUnix, .asciiUnix: .unix
        case .binarySASL: .sasl
        }
    }

    /// The server that all tests share; see `MemcachedServer.shared`.
    var server: MemcachedServer {
        get throws { try .shared(options) }
    }

    /// A client of the shared server.
    func client(_ behaviors: Behaviors = .patient) throws -> Client {
        try client(of: [server.address], behaviors)
    }

    /// A client of other servers of this kind.
    func client(of servers: [String], _ behaviors: Behaviors = .patient) throws -> Client {
        try Client(
            servers,
            binary: isBinary,
            username: options.account?.username,
            password: options.account?.password,
            behaviors: behaviors
        )
    }
}

extension Behaviors {
    /// ``patient`` with a namespace.
    static func namespace(_ namespace: String) -> Behaviors {
        var behaviors = Behaviors.patient
        behaviors.namespace = namespace
        return behaviors
    }
}
