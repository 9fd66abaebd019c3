import SwiftLibMC
import SwiftLibMCTLS
import SwiftLibMCTesting

/// A memcached that speaks TLS on its port.
struct TLSServer {
    let server: MemcachedServer
    private let certificates: Certificates

    /// Whether Debian's, or whoever's, memcached was built with TLS, and there is `openssl`.
    static let isAvailable: Bool = {
        guard MemcachedServer.isInstalled, let certificates = try? Certificates.shared.get() else { return false }
        return (try? TLSServer(certificates.issue(), of: certificates)) != nil
    }()
    static let comment = "memcached with TLS (-Z) and openssl are needed"

    init() throws {
        let certificates = try Certificates.shared.get()
        try self.init(certificates.issue(), of: certificates)
    }

    init(
        _ pair: Certificates.Pair,
        of certificates: Certificates,
        account: SASLAccount? = nil,
        _ more: String...
    ) throws {
        self.certificates = certificates
        let settings = ["ssl_chain_cert=\(pair.certificate)", "ssl_key=\(pair.key)"] + more
        server = try .start(
            MemcachedOptions(account: account, arguments: ["-Z", "-o", settings.joined(separator: ",")])
        )
    }

    var address: String { server.address }

    /// Trusts the authority of the tests.
    static func options() throws -> TLSOptions {
        var options = TLSOptions(roots: .file(try Certificates.shared.get().authority.certificate))
        // The tests' machine may be busy.
        options.connectTimeout = .seconds(5)
        return options
    }
}

extension TLSForwarder {
    /// A client with patience for a busy machine: one call may be a thousand round trips, as `setMulti` in the text
    /// protocol is.
    func client(binary: Bool = true, behaviors: Behaviors = .patient) throws -> Client {
        let client = try Client(servers: servers, binary: binary, behaviors: behaviors)
        client.commandTimeout = .seconds(60)
        return client
    }
}

extension Behaviors {
    /// Longer than the forwarder's time-outs, so that it is the forwarder who says what is wrong.
    static let patient = Behaviors.default.merging(Behaviors(connectTimeout: .seconds(8), pollTimeout: .seconds(8)))
}
