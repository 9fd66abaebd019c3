import SwiftLibMC
import TestSupport
import Testing

/// Some servers behind a client, for facts about calls with many keys.
enum Fleet: String, CaseIterable, Sendable, CustomTestStringConvertible {
    case oneBinary = "binary, one server"
    case oneASCII = "ASCII, one server"
    case threeBinary = "binary, three servers"
    case threeASCII = "ASCII, three servers"
    case threeKetama = "binary, three servers by ketama"
    case oneUnix = "binary, one unix socket"
    case threeUnix = "binary, three unix sockets"
    case mixed = "binary, two TCP servers and a unix socket"
    case oneOfBoth = "both protocols, one server"
    case threeOfBoth = "both protocols, three servers by ketama"
    case withPassword = "binary, with password"

    var testDescription: String { rawValue }

    var route: Route {
        switch self {
        case .oneBinary, .threeBinary, .threeKetama, .mixed: .binaryTCP
        case .oneASCII, .threeASCII: .asciiTCP
        case .oneUnix, .threeUnix: .binaryUnix
        case .oneOfBoth, .threeOfBoth: .bothTCP
        case .withPassword: .binarySASL
        }
    }

    /// Servers that all tests share, under the same rules as `MemcachedServer.shared`.
    private static let further = (1...2).map { number in
        // The number of threads only makes them different servers.
        [MemcachedOptions.tcp, .unix].map { $0.adding(["-t", "\(number)"]) }
    }

    var addresses: [String] {
        get throws {
            let first = try route.server.address
            let tcp = try Self.further.map { try MemcachedServer.shared($0[0]).address }
            let unix = try Self.further.map { try MemcachedServer.shared($0[1]).address }
            return switch self {
            case .oneBinary, .oneASCII, .oneUnix, .oneOfBoth, .withPassword: [first]
            case .threeBinary, .threeASCII, .threeKetama, .threeOfBoth: [first] + tcp
            case .threeUnix: [first] + unix
            case .mixed: [first, tcp[0], unix[0]]
            }
        }
    }

    /// A client of these servers.
    func client(_ behaviors: Behaviors = .patient) throws -> Client {
        try route.client(of: addresses, placing(behaviors))
    }

    /// The behaviors with those that make this fleet what it is.
    func placing(_ behaviors: Behaviors) -> Behaviors {
        var behaviors = behaviors
        if self == .threeKetama || self == .threeOfBoth { behaviors.ketama = true }
        return behaviors
    }
}
