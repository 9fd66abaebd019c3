#if TLS
    internal import NIOCore
    internal import NIOPosix
    internal import NIOSSL
    internal import SwiftLibMC

    #if canImport(FoundationEssentials)
        internal import FoundationEssentials
    #else
        internal import Foundation
    #endif

    /// A server, and all that is needed to connect to it.
    struct Target: Sendable {
        let host: String
        let port: Int
        let options: TLSOptions
        let context: NIOSSLContext
        /// Whether the certificate must have the server's name.
        let verifiesNames: Bool
        let login: Login?

        /// The name to ask for, which the certificate must have; nil if that has to be the address.
        var name: String? { options.serverName ?? (host.isAddress ? nil : host) }
    }

    // The messages of errors.

    extension Target {
        /// Why there is no connection; the server's certificate is passed if it is known.
        func problem(of error: any Error, certificate: NIOSSLCertificate?) -> ConnectionProblem {
            switch error {
            case let error as NIOConnectionError: return problem(ofConnecting: error)
            case let error as IOError:
                let reason = SystemFailure.words(for: error.errnoCode)
                return ConnectionProblem(.connectionFailure, "no TLS connection: \(reason)", errno: error.errnoCode)
            case let error as ChannelError where error == .connectTimeout(TimeAmount(options.connectTimeout)):
                return late
            case let error as NIOSSLError:
                guard case .handshakeFailed(let cause) = error else { break }
                return ConnectionProblem(.connectionFailure, "no TLS connection: \(sentence(cause, certificate))")
            case let error as NIOSSLExtraError where error == .failedToValidateHostname:
                return notNamed
            default: break
            }
            return ConnectionProblem(.connectionFailure, "no TLS connection: \(error)")
        }

        /// The error for a server with the certificate of another one.
        var notNamed: ConnectionProblem {
            ConnectionProblem(
                .connectionFailure,
                "no TLS connection: the server's certificate is not one of \(name ?? "the address \(host)")"
            )
        }

        /// Whether a certificate that has been verified has the name that was asked for.
        ///
        /// swift-nio-ssl accepts a certificate for the address of the connection, which an attacker who can spoof the
        /// name's address can get.
        func isNamed(by certificate: NIOSSLCertificate) -> Bool {
            guard verifiesNames, var name = name?.lowercased() else { return true }
            if name.last == "." { name.removeLast() }
            var hasNames = false
            for alternative in certificate._subjectAlternativeNames() {
                hasNames = true
                guard alternative.nameType == .dnsName else { continue }
                let pattern = String(decoding: alternative.contents, as: UTF8.self).lowercased()
                if pattern == name { return true }
                guard pattern.hasPrefix("*."), let dot = name.firstIndex(of: ".") else { continue }
                if name[dot...] == pattern.dropFirst() { return true }
            }
            return !hasNames
        }

        /// Why the server refuses a connection on which it has sent nothing yet; nil if it may have read something.
        ///
        /// In TLS 1.3 the client's handshake is over before the server has looked at its certificate.
        func rejection(in error: any Error) -> ConnectionProblem? {
            let text = String(describing: error)
            guard let alert = Self.alert(in: text), Self.certificateAlerts.contains(alert) else { return nil }
            return ConnectionProblem(.connectionFailure, "no TLS connection: \(Self.sentence(ofAlert: alert))")
        }

        /// A possible cause if a handshake does not finish.
        func hint(_ hasHandshake: Bool) -> String {
            hasHandshake ? "" : "; perhaps it does not speak TLS on this port"
        }

        private var late: ConnectionProblem {
            let limit = options.connectTimeout.milliseconds
            return ConnectionProblem(.timeout, "no connection within \(limit) ms (the forwarder's connectTimeout)")
        }

        private func problem(ofConnecting error: NIOConnectionError) -> ConnectionProblem {
            guard let first = error.connectionErrors.first?.error else {
                return ConnectionProblem(.hostLookupFailure, "the host name can't be looked up")
            }
            return first is ChannelError ? late : problem(of: first, certificate: nil)
        }

        private func sentence(_ error: BoringSSLError, _ certificate: NIOSSLCertificate?) -> String {
            let text = String(describing: error)
            if text.contains("CERTIFICATE_VERIFY_FAILED") { return sentence(ofRefused: certificate) }
            if text.contains("EOF during handshake") {
                return "the server closed the connection during the handshake" + hint(false)
            }
            if text.contains("WRONG_VERSION_NUMBER") || text.contains("UNEXPECTED_MESSAGE") {
                return "the server does not speak TLS on this port"
            }
            if text.contains("UNSUPPORTED_PROTOCOL") { return "the server has no version of TLS that is allowed here" }
            if let alert = Self.alert(in: text) { return Self.sentence(ofAlert: alert) }
            return "the handshake failed (\(text))"
        }

        private func sentence(ofRefused certificate: NIOSSLCertificate?) -> String {
            guard let certificate else { return "the server's certificate can't be verified" }
            let now = Date.now.timeIntervalSince1970
            if TimeInterval(certificate.notValidAfter) < now {
                return "the server's certificate has expired (\(Self.day(certificate.notValidAfter)))"
            }
            if TimeInterval(certificate.notValidBefore) > now {
                return "the server's certificate is not valid yet (\(Self.day(certificate.notValidBefore)))"
            }
            return "the server's certificate is signed by no trusted authority (options.roots)"
        }

        private static func day(_ time: time_t) -> String {
            Date(timeIntervalSince1970: TimeInterval(time)).formatted(.iso8601.year().month().day())
        }

        // MARK: - Alerts

        private static let certificateAlerts: Set<String> = [
            "BAD_CERTIFICATE", "UNSUPPORTED_CERTIFICATE", "CERTIFICATE_REVOKED", "CERTIFICATE_EXPIRED",
            "CERTIFICATE_UNKNOWN", "UNKNOWN_CA", "CERTIFICATE_REQUIRED", "ACCESS_DENIED", "DECRYPT_ERROR",
            "HANDSHAKE_FAILURE",
        ]

        /// The name of the server's alert, such as `UNKNOWN_CA` in `TLSV1_ALERT_UNKNOWN_CA`.
        private static func alert(in text: String) -> String? {
            guard let range = text.firstRange(of: "_ALERT_") else { return nil }
            return String(text[range.upperBound...].prefix { $0 == "_" || $0.isUppercase })
        }

        private static func sentence(ofAlert alert: String) -> String {
            let words = alert.lowercased().replacing("_", with: " ")
            switch alert {
            case "CERTIFICATE_REQUIRED", "HANDSHAKE_FAILURE":
                return "the server refused the handshake (\(words)); perhaps it demands a certificate "
                    + "(options.identity)"
            case "PROTOCOL_VERSION": return "the server has no version of TLS that is allowed here"
            case _ where certificateAlerts.contains(alert):
                return "the server refused the client's certificate (\(words), options.identity)"
            default: return "the server refused the handshake (\(words))"
            }
        }
    }
#endif
