#if TLS
    public import NIOSSL
    internal import SwiftLibMC

    /// How a ``TLSForwarder`` speaks with the servers.
    public struct TLSOptions: Sendable {
        /// Whose certificates are trusted.
        public enum Roots: Hashable, Sendable {
            /// Those of the system, such as Debian's package `ca-certificates`.
            case system
            /// The certificates in a PEM file, and no others.
            case file(String)
            /// The certificates in a PEM text, and no others.
            case pem(String)
        }

        /// What the client shows of itself to servers that demand it.
        public struct Identity: Sendable {
            /// A PEM file with the certificate, and then with those that have signed it, if there are any in between.
            public var certificateFile: String
            /// A PEM file with the certificate's private key.
            public var keyFile: String

            /// Names the files.
            public init(certificateFile: String, keyFile: String) {
                self.certificateFile = certificateFile
                self.keyFile = keyFile
            }
        }

        /// The oldest version of TLS that will do.
        public enum Version: Hashable, Sendable {
            /// TLS 1.2.
            case tls12
            /// TLS 1.3.
            case tls13
        }

        /// Whose certificates are trusted; the system's at first.
        public var roots = Roots.system
        /// The client's certificate and key, for servers that demand one; nil at first.
        public var identity: Identity?
        /// The name that is asked for (SNI), and that certificates must have, in place of the servers' own hosts.
        ///
        /// nil at first. Servers that are given by an address have to have that address in their certificate.
        public var serverName: String?
        /// The oldest version of TLS that will do; TLS 1.2 at first.
        public var minimumVersion = Version.tls12
        /// How long a connection and its handshake may take together; 400 ms at first.
        ///
        /// If it is less than the client's `pollTimeout`, errors can say why there is no connection.
        public var connectTimeout = Duration.milliseconds(400)
        /// Whether any certificate is taken, so that anybody in between can read and change everything; false at first.
        ///
        /// For experiments only.
        public var acceptsAnyCertificateAndSoIsInsecure = false
        /// Changes the configuration that all this makes, for what is not said here.
        public var adjust: (@Sendable (inout TLSConfiguration) -> Void)?

        /// Makes options; those that are not given are the usual ones.
        public init(roots: Roots = .system, identity: Identity? = nil, serverName: String? = nil) {
            self.roots = roots
            self.identity = identity
            self.serverName = serverName
        }
    }

    extension TLSOptions {
        /// What connections are made from, and whether certificates have to have the names of their servers.
        ///
        /// - Throws: `.invalidArguments` for files that can't be read and times that are none.
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
