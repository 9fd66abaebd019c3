#if TLS
    public import NIOSSL
    internal import SwiftLibMC

    /// How a ``TLSForwarder`` speaks with the servers.
    public struct TLSOptions: Sendable {
        /// The certificates that are trusted.
        public enum Roots: Hashable, Sendable {
            /// The system's certificates, such as Debian's package `ca-certificates`.
            case system
            /// The certificates in a PEM file, and no others.
            case file(String)
            /// The certificates in a PEM text, and no others.
            case pem(String)
        }

        /// The certificate that the client presents to servers that demand one.
        public struct Identity: Sendable {
            /// A PEM file with the certificate, and then any intermediate ones that have signed it.
            public var certificateFile: String
            /// A PEM file with the certificate's private key.
            public var keyFile: String

            /// Names the files.
            public init(certificateFile: String, keyFile: String) {
                self.certificateFile = certificateFile
                self.keyFile = keyFile
            }
        }

        /// The oldest version of TLS that is accepted.
        public enum Version: Hashable, Sendable {
            /// TLS 1.2.
            case tls12
            /// TLS 1.3.
            case tls13
        }

        /// The certificates that are trusted; the system's by default.
        public var roots = Roots.system
        /// The client's certificate and key, for servers that demand one; nil by default.
        public var identity: Identity?
        /// The name that is requested (SNI), and that certificates must have, in place of the servers' own hosts.
        ///
        /// It is nil by default. Servers that are given by an address have to have that address in their certificate.
        public var serverName: String?
        /// The oldest version of TLS that is accepted; TLS 1.2 by default.
        public var minimumVersion = Version.tls12
        /// How long a connection and its handshake may take together; 400 ms by default.
        ///
        /// If it is less than the client's `pollTimeout`, errors can say why there is no connection.
        public var connectTimeout = Duration.milliseconds(400)
        /// Whether any certificate is accepted, so that an attacker on the network can read and change everything;
        /// false by default.
        ///
        /// For experiments only.
        public var acceptsAnyCertificateAndSoIsInsecure = false
        /// Changes the resulting configuration, for settings that are not available here.
        public var adjust: (@Sendable (inout TLSConfiguration) -> Void)?

        /// Makes options; those that are not given have their default values.
        public init(roots: Roots = .system, identity: Identity? = nil, serverName: String? = nil) {
            self.roots = roots
            self.identity = identity
            self.serverName = serverName
        }
    }

    extension TLSOptions {
        /// The context for connections, and whether certificates must have the names of their servers.
        ///
        /// - Throws: `.invalidArguments` for files that can't be read and invalid times.
        func context() throws(MemcachedError) -> (context: NIOSSLContext, verifiesNames: Bool) {
            guard connectTimeout > .zero, connectTimeout <= .seconds(3600) else {
                throw Self.refusal(
                    "connectTimeout can't be \(connectTimeout): it has to be above zero, and an hour at most"
                )
            }
            if let serverName, serverName.isEmpty || serverName.isAddress {
                throw Self.refusal("serverName can't be \"\(serverName)\": it has to be the name of a host")
            }
            do {
                let configuration = try configuration()
                return (
                    try NIOSSLContext(configuration: configuration),
                    configuration.certificateVerification == .fullVerification
                )
            } catch let error as MemcachedError {
                throw error
            } catch {
                throw Self.refusal("these TLS options can't be used: \(error)")
            }
        }

        private func configuration() throws -> TLSConfiguration {
            var configuration = TLSConfiguration.makeClientConfiguration()
            configuration.minimumTLSVersion = minimumVersion == .tls12 ? .tlsv12 : .tlsv13
            switch roots {
            case .system: break
            case .file(let path):
                configuration.trustRoots = .certificates(
                    try Self.reading(path) { try NIOSSLCertificate.fromPEMFile(path) }
                )
            case .pem(let text):
                configuration.trustRoots = .certificates(try NIOSSLCertificate.fromPEMBytes(Array(text.utf8)))
            }
            if case .certificates(let all) = configuration.trustRoots, all.isEmpty {
                throw Self.refusal("roots hold no certificate")
            }
            if let identity {
                configuration.certificateChain = try Self.reading(identity.certificateFile) {
                    try NIOSSLCertificate.fromPEMFile(identity.certificateFile).map { .certificate($0) }
                }
                configuration.privateKey = .privateKey(
                    try Self.reading(identity.keyFile) { try NIOSSLPrivateKey(file: identity.keyFile, format: .pem) }
                )
            }
            if acceptsAnyCertificateAndSoIsInsecure { configuration.certificateVerification = .none }
            adjust?(&configuration)
            return configuration
        }

        private static func reading<R>(_ path: String, _ read: () throws -> R) throws -> R {
            do {
                return try read()
            } catch {
                throw refusal("\(path) can't be read as PEM: \(error)")
            }
        }

        private static func refusal(_ detail: String) -> MemcachedError {
            MemcachedError(code: .invalidArguments, operation: "TLSForwarder(servers:)", detail: detail)
        }
    }
#endif
