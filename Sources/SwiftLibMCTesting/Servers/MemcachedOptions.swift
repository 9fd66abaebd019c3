internal import SwiftLibMC
public import Testing

/// The kind of server that a test needs.
public struct MemcachedOptions: Hashable, Sendable {
    /// How clients reach the server.
    public enum Transport: Hashable, Sendable, CaseIterable {
        /// A port of 127.0.0.1.
        case tcp
        /// A port of 127.0.0.1 for UDP, and the same for TCP, so that a test can check the effect of UDP.
        case udp
        /// A unix socket.
        case unix
    }

    /// How clients reach the server.
    public var transport: Transport
    /// The account for clients; nil if all clients may use it.
    public var account: SASLAccount?
    /// memcached's own flags, such as `["-I", "4m"]`.
    public var arguments: [String]

    /// Makes options.
    public init(transport: Transport = .tcp, account: SASLAccount? = nil, arguments: [String] = []) {
        self.transport = transport
        self.account = account
        self.arguments = arguments
    }

    /// TCP, open to all clients.
    public static let tcp = Self()
    /// UDP, open to all clients.
    public static let udp = Self(transport: .udp)
    /// A unix socket, open to all clients.
    public static let unix = Self(transport: .unix)
    /// TCP, for clients with the password of the default `SASLAccount`.
    public static let sasl = Self(account: SASLAccount())

    /// TCP, for clients with the password of `account`.
    public static func sasl(_ account: SASLAccount) -> Self { Self(account: account) }

    /// The same with more of memcached's own flags; a later one overrides an earlier one.
    public func adding(_ arguments: [String]) -> Self {
        var result = self
        result.arguments += arguments
        return result
    }

    /// A client of servers with these options.
    func client(of addresses: [String], _ binary: Bool?, _ behaviors: Behaviors) throws(MemcachedError) -> Client {
        try Client(
            addresses,
            binary: binary,
            username: account?.username,
            password: account?.password,
            behaviors: behaviors
        )
    }
}

extension MemcachedOptions: CustomTestStringConvertible {
    /// Short, for the names of test cases.
    public var testDescription: String {
        let kind = account.map { "sasl \($0.mechanisms.map(\.rawValue).joined(separator: " "))" } ?? "\(transport)"
        return ([kind] + arguments).joined(separator: " ")
    }
}
