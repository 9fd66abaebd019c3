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
    case bothTCP = "both protocols, TCP"
    case bothUnix = "both protocols, unix socket"

    /// Those without credentials, for tests that look at the server over a plain connection too.
    static let open = [Route.binaryTCP, .binaryUnix, .asciiTCP, .asciiUnix, .bothTCP, .bothUnix]
    /// One for each protocol, and one for the choice between them, for tests whose subject lies above the transport.
    static let protocols = [Route.binaryTCP, .asciiTCP, .bothTCP]
    /// One for each protocol, for tests of what is different where there is a choice.
    static let single = [Route.binaryTCP, .asciiTCP]

    var testDescription: String { rawValue }

    /// Whether what libmemcached sends is binary.
    var isBinary: Bool { choice != .text }

    var choice: MemcachedProtocol {
        switch self {
        case .binaryTCP, .binaryUnix, .binarySASL: .binary
        case .asciiTCP, .asciiUnix: .text
        case .bothTCP, .bothUnix: .automatic
        }
    }

    /// What the server is started with.
    var options: MemcachedOptions {
        switch self {
        case .binaryTCP, .asciiTCP, .bothTCP: .tcp
        case .binaryUnix, .asciiUnix, .bothUnix: .unix
        case .binarySASL: .sasl
        }
    }

    /// The server that all tests share; see `MemcachedServer.shared`.
    var server: MemcachedServer {
        get throws { try .shared(options) }
    }

    /// A client of the shared server.
    func client(_ behaviors: Behaviors = .patient) throws -> Client {
        let client = try client(of: [server.address], behaviors)
        // The first request goes over libmemcached's connection in any case.
        if choice == .automatic { _ = try client.get("warm", as: String.self) }
        return client
    }

    /// A client of other servers of this kind.
    func client(of servers: [String], _ behaviors: Behaviors = .patient) throws -> Client {
        try Client(
            servers,
            protocol: choice,
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
