import Foundation
import NIOSSL
import SwiftLibMC
import SwiftLibMCTLS
import SwiftLibMCTesting
import Testing

/// Why there is no connection, as the caller of a command sees it.
@Suite(
    "Handshakes",
    .blocking,
    .timeLimit(.minutes(2)),
    .enabled(if: TLSServer.isAvailable, Comment(rawValue: TLSServer.comment))
)
struct HandshakeTests {
    /// The error of a write, which has to know that nothing was sent; a read and an asynchronous write say the same.
    ///
    /// With `isSometimesLost` a connection may also break without the reason: in TLS 1.3 the request can cross the server's
    /// refusal, and then a write that fails can hide the alert.
    @discardableResult
    private func expectFailure(
        _ address: String,
        _ options: TLSOptions,
        _ words: String,
        code: MemcachedError.Code = .connectionFailure,
        isSometimesLost: Bool = false,
        sourceLocation: SourceLocation = #_sourceLocation
    ) async throws -> MemcachedError? {
        for binary in [true, false] {
            let tls = try TLSForwarder([address], options: options)
            let cache = try tls.client(binary: binary)
            var errors = [
                #expect(throws: MemcachedError.self, sourceLocation: sourceLocation) { try cache.set("a", 1) },
                #expect(throws: MemcachedError.self, sourceLocation: sourceLocation) {
                    try cache.get("a", as: Int.self)
                },
                #expect(throws: MemcachedError.self, sourceLocation: sourceLocation) { try cache.incr("a") },
                #expect(throws: MemcachedError.self, sourceLocation: sourceLocation) {
                    try cache.getMulti(["a", "b"], as: Int.self)
                },
            ]
            let tasks = try AsyncClient(cloning: tls.client(binary: binary))
            errors.append(
                await #expect(throws: MemcachedError.self, sourceLocation: sourceLocation) {
                    try await tasks.set("a", 1)
                }
            )
            let hasReason = errors.contains { $0?.detail.contains(words) == true }
            #expect(hasReason, "\(errors)", sourceLocation: sourceLocation)
            for error in errors.compactMap(\.self) {
                #expect(error.server?.description == address, sourceLocation: sourceLocation)
                if isSometimesLost, error.isConnectionFailure, !error.detail.contains(words) { continue }
                #expect(!error.isOutcomeUnknown, "\(error)", sourceLocation: sourceLocation)
                // After some time-outs a server is left alone for a while.
                if code == .timeout, error.code == .serverTemporarilyDisabled { continue }
                #expect(error.detail.contains(words), "\(error)", sourceLocation: sourceLocation)
                #expect(
                    error.code == code || error.code == .serverTemporarilyDisabled,
                    "\(error)",
                    sourceLocation: sourceLocation
                )
            }
        }
        let tls = try TLSForwarder([address], options: options)
        let cache = try tls.client()
        let error = #expect(throws: MemcachedError.self, sourceLocation: sourceLocation) { try cache.set("a", 1) }
        let hasCode = error?.code == code || isSometimesLost && error?.isConnectionFailure == true
        #expect(hasCode, "\(String(describing: error))", sourceLocation: sourceLocation)
        return error
    }

    @Test func aCertificateOfAnUnknownAuthority() async throws {
        let otherAuthority = try Certificates()
        let server = try TLSServer(otherAuthority.issue(), of: otherAuthority)
        try await expectFailure(server.address, TLSServer.options(), "signed by no trusted authority")
        // Nor are the system's authorities among those who have signed it.
        var options = TLSOptions()
        options.connectTimeout = .seconds(5)
        try await expectFailure(server.address, options, "signed by no trusted authority")
    }

    @Test func aCertificateThatHasExpired() async throws {
        let certificates = try Certificates.shared.get()
        let server = try TLSServer(certificates.issue(days: -1), of: certificates)
        try await expectFailure(server.address, TLSServer.options(), "the server's certificate has expired (20")
    }

    @Test func aCertificateForAnotherHost() async throws {
        let certificates = try Certificates.shared.get()
        let server = try TLSServer(certificates.issue("DNS:other.example.com"), of: certificates)
        let port = try #require(server.server.port)
        var options = try TLSServer.options()
        try await expectFailure("localhost:\(port)", options, "the server's certificate is not one of localhost")
        try await expectFailure("127.0.0.1:\(port)", options, "is not one of the address 127.0.0.1")
        // Unless that is the name to ask for.
        options.serverName = "other.example.com"
        let tls = try TLSForwarder(["127.0.0.1:\(port)"], options: options)
        try tls.client().set("a", 1)
    }

    @Test(arguments: ["DNS:localhost", "IP:127.0.0.1"]) func namesAndAddressesAreDifferentThings(name: String)
        async throws
    {
        let certificates = try Certificates.shared.get()
        let server = try TLSServer(certificates.issue(name), of: certificates)
        let port = try #require(server.server.port)
        let (good, bad) = name.hasPrefix("DNS") ? ("localhost", "127.0.0.1") : ("127.0.0.1", "localhost")
        let tls = try TLSForwarder(["\(good):\(port)"], options: TLSServer.options())
        try tls.client().set("a", 1)
        try await expectFailure("\(bad):\(port)", TLSServer.options(), "the server's certificate is not one of")
    }

    @Test func onlyWhoSaysSoTakesAnyCertificate() throws {
        let otherAuthority = try Certificates()
        let server = try TLSServer(otherAuthority.issue("DNS:other.example.com", days: -1), of: otherAuthority)
        var options = try TLSServer.options()
        options.acceptsAnyCertificateAndSoIsInsecure = true
        let tls = try TLSForwarder([server.address], options: options)
        try tls.client().set("a", 1)
    }

    @Test(arguments: ["tlsv1.2", "tlsv1.3"]) func aServerThatDemandsACertificate(version: String) async throws {
        let certificates = try Certificates.shared.get()
        let server = try TLSServer(
            certificates.issue(),
            of: certificates,
            "ssl_verify_mode=2",
            "ssl_ca_cert=\(certificates.authority.certificate)"
        )
        var options = try TLSServer.options()
        if version == "tlsv1.2" { options.adjust = { $0.maximumTLSVersion = .tlsv12 } }
        let isSometimesLost = version == "tlsv1.3"
        try await expectFailure(server.address, options, "certificate", isSometimesLost: isSometimesLost)

        let otherAuthority = try Certificates()
        let wrong = try otherAuthority.issue()
        options.identity = .init(certificateFile: wrong.certificate, keyFile: wrong.key)
        try await expectFailure(server.address, options, "the server refused", isSometimesLost: isSometimesLost)

        let own = try certificates.issue()
        options.identity = .init(certificateFile: own.certificate, keyFile: own.key)
        let tls = try TLSForwarder([server.address], options: options)
        let cache = try tls.client()
        try cache.set("a", 1)
        #expect(try cache.get("a", as: Int.self) == 1)
    }

    @Test func aServerThatSpeaksNoTLS() async throws {
        let server = try MemcachedServer.start("-v")
        var options = try TLSServer.options()
        options.connectTimeout = .milliseconds(400)
        for binary in [true, false] {
            let tls = try TLSForwarder([server.address], options: options)
            let cache = try tls.client(binary: binary)
            let error = #expect(throws: MemcachedError.self) { try cache.set("a", 1) }
            #expect(error?.detail.contains("speak TLS on this port") == true, "\(String(describing: error))")
            #expect(error?.isOutcomeUnknown == false)
        }
    }

    @Test func aServerThatIsNotThere() async throws {
        let server = try TLSServer()
        server.server.kill()
        let error = try await expectFailure(server.address, TLSServer.options(), "Connection refused")
        #expect(error?.systemErrno == ECONNREFUSED)
    }

    @Test func aHostWithoutAnAddress() async throws {
        try await expectFailure(
            "no-such-host.invalid:11211",
            TLSServer.options(),
            "the host name can't be looked up",
            code: .hostLookupFailure
        )
    }

    @Test func aServerThatHangsInTheHandshake() async throws {
        let server = try TLSServer()
        var options = try TLSServer.options()
        options.connectTimeout = .milliseconds(300)
        try server.server.suspend()
        defer { server.server.resume() }
        try await expectFailure(
            server.address,
            options,
            "no TLS connection within 300 ms (the forwarder's connectTimeout)",
            code: .timeout
        )
    }

    @Test func aClientWithLessPatienceHearsHowFarItIs() throws {
        let server = try TLSServer()
        let tls = try TLSForwarder([server.address], options: TLSServer.options())
        let impatient = Behaviors.default.merging(Behaviors(pollTimeout: .milliseconds(800)))
        let cache = try Client(servers: tls.servers, behaviors: impatient)
        try server.server.whileSuspended {
            let error = #expect(throws: MemcachedError.self) { try cache.get("a", as: Int.self) }
            #expect(error?.code == .timeout)
            #expect(
                error?.detail.contains("has not finished the TLS handshake") == true,
                "\(String(describing: error))"
            )
        }
        // What it gave up does no harm.
        #expect(eventually { (try? cache.set("a", 1)) == true })
    }

    @Test func onlyNewVersionsWillDo() async throws {
        let server = try TLSServer()
        var options = try TLSServer.options()
        options.minimumVersion = .tls13
        options.adjust = { $0.maximumTLSVersion = .tlsv13 }
        let tls = try TLSForwarder([server.address], options: options)
        try tls.client().set("a", 1)
        let certificates = try Certificates.shared.get()
        let newest = try TLSServer(certificates.issue(), of: certificates, "ssl_min_version=3")
        options.minimumVersion = .tls12
        options.adjust = { $0.maximumTLSVersion = .tlsv12 }
        try await expectFailure(newest.address, options, "no version of TLS that is allowed here")
    }

    @Test func optionsThatCantBeUsedAreRefused() throws {
        func refusal(_ change: (inout TLSOptions) -> Void) -> String {
            var options = TLSOptions()
            change(&options)
            let error = #expect(throws: MemcachedError.self) { try TLSForwarder(["127.0.0.1:1"], options: options) }
            #expect(error?.code == .invalidArguments)
            return error?.detail ?? ""
        }
        #expect(refusal { $0.roots = .file("/no/such/file") }.contains("/no/such/file can't be read"))
        #expect(refusal { $0.roots = .pem("nonsense") }.contains("can't be used"))
        #expect(refusal { $0.identity = .init(certificateFile: "/none", keyFile: "/none") }.contains("/none"))
        #expect(refusal { $0.connectTimeout = .zero }.contains("connectTimeout"))
        #expect(refusal { $0.serverName = "127.0.0.1" }.contains("serverName"))
        let unix = #expect(throws: MemcachedError.self) { try TLSForwarder(["/run/socket"]) }
        #expect(unix?.code == .invalidServer)
        let half = #expect(throws: MemcachedError.self) { try TLSForwarder(["127.0.0.1:1"], username: "a") }
        #expect(half?.code == .invalidArguments)
        #expect(throws: MemcachedError.self) { try TLSForwarder(["host:0"]) }
        #expect(throws: Never.self) { try TLSForwarder(["memcacheds://localhost:1"]) }
    }
}
