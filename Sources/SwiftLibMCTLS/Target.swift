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

    /// A server, and all that is needed to speak with it.
    struct Target: Sendable {
        let host: String
        let port: Int
        let options: TLSOptions
        let context: NIOSSLContext
        /// Whether the certificate has to have the server's name.
        let verifiesNames: Bool
        let login: Login?

        /// The name to ask for, which the certificate must have; nil if that has to be the address.
        var name: String? { options.serverName ?? (host.isAddress ? nil : host) }
    }

    // What errors say to callers.

    extension Target {
        /// Why there is no connection; the server's certificate is given as far as it is known.
        func trouble(of error: any Error, certificate: NIOSSLCertificate?) -> Trouble {
            switch error {
            case let error as NIOConnectionError: return trouble(ofConnecting: error)
            case let error as IOError:
                let reason = SystemFailure.words(for: error.errnoCode)
                return Trouble(.connectionFailure, "no TLS connection: \(reason)", errno: error.errnoCode)
            case let error as ChannelError where error == .connectTimeout(TimeAmount(options.connectTimeout)):
                return late
            case let error as NIOSSLError:
                guard case .handshakeFailed(let cause) = error else { break }
                return Trouble(.connectionFailure, "no TLS connection: \(sentence(cause, certificate))")
            case let error as NIOSSLExtraError where error == .failedToValidateHostname:
                return notNamed
            default: break
            }
            return Trouble(.connectionFailure, "no TLS connection: \(error)")
        }

        /// For a server that has the certificate of another one.
        var notNamed: Trouble {
            Trouble(
                .connectionFailure,
                "no TLS connection: the server's certificate is not one of \(name ?? "the address \(host)")"
            )
        }

        /// Whether a certificate that has been verified has the name that was asked for.
        ///
        /// swift-nio-ssl is content with one for the address that the connection leads to, which anybody can get who can
        /// give a wrong address for the name.
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

        /// Why the server refuses a connection on which it has said nothing yet; nil if it may have read something.
        ///
        /// In TLS 1.3 the client's handshake is over before the server has looked at its certificate.
        func rejection(in error: any Error) -> Trouble? {
            let text = String(describing: error)
            guard let alert = Self.alert(in: text), Self.certificateAlerts.contains(alert) else { return nil }
            return Trouble(.connectionFailure, "no TLS connection: \(Self.sentence(ofAlert: alert))")
        }

        /// What may be the matter if nothing comes of a handshake.
        func hint(_ hasHandshake: Bool) -> String {
            hasHandshake ? "" : "; perhaps it does not speak TLS on this port"
        }

        private var late: Trouble {
            let limit = options.connectTimeout.milliseconds
            return Trouble(.timeout, "no connection within \(limit) ms (the forwarder's connectTimeout)")
        }

        private func trouble(ofConnecting error: NIOConnectionError) -> Trouble {
            guard let first = error.connectionErrors.first?.error else {
                return Trouble(.hostLookupFailure, "the host name can't be looked up")
            }
            return first is ChannelError ? late : trouble(of: first, certificate: nil)
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
            return "the server's certificate is signed by nobody who is trusted (options.roots)"
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

        /// The name of an alert of the server's, as `UNKNOWN_CA` in `TLSV1_ALERT_UNKNOWN_CA`.
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
