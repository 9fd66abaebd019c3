#if TLS
    internal import NIOCore
    internal import SwiftLibMC

    /// Sends a user name and a password to a server, at the beginning of a connection: SASL's `PLAIN`.
    ///
    /// It is never printed, not even by `dump` of something that holds it.
    struct Login: CustomReflectable, CustomStringConvertible, Sendable {
        private let username: String
        private let password: String

        var description: String { "credentials" }
        var customMirror: Mirror { Mirror(self, children: []) }

        /// - Throws: `.invalidArguments` unless both or none are given, or if they can't be sent.
        init?(username: String?, password: String?) throws(MemcachedError) {
            if username == nil, password == nil { return nil }
            guard let username, let password else { throw Self.refusal("username and password go together") }
            guard !username.isEmpty, !(username + password).utf8.contains(0) else {
                throw Self.refusal("the username can't be empty, and neither it nor the password can hold a NUL")
            }
            self.username = username
            self.password = password
        }

        private static func refusal(_ detail: String) -> MemcachedError {
            MemcachedError(code: .invalidArguments, operation: "TLSForwarder(servers:)", detail: detail)
        }

        private static let requestMagic: UInt8 = 0x80
        private static let replyMagic: UInt8 = 0x81
        private static let authenticate: UInt8 = 0x21
        private static let headerSize = 24
        private static let longestReply = 4096

        /// Whether a client that begins with this byte speaks the binary protocol, the only one with user names.
        static func isPossible(forClientsFirst byte: UInt8?) -> Bool { byte == requestMagic }

        /// A request with a key, the mechanism, and no extras.
        var request: ByteBuffer {
            let mechanism = "PLAIN"
            let message = "\0\(username)\0\(password)"
            var request = ByteBuffer()
            request.writeBytes([Self.requestMagic, Self.authenticate])
            request.writeInteger(UInt16(mechanism.utf8.count))
            request.writeInteger(0 as UInt32)
            request.writeInteger(UInt32(mechanism.utf8.count + message.utf8.count))
            request.writeInteger(0 as UInt32)
            request.writeInteger(0 as UInt64)
            request.writeString(mechanism + message)
            return request
        }

        enum Answer {
            case unfinished
            case welcome
            case refusal(ConnectionProblem)
        }

        /// The state of a server's reply so far.
        static func answer(in reply: ByteBuffer) -> Answer {
            let start = reply.readerIndex
            guard reply.readableBytes >= headerSize else { return .unfinished }
            guard let magic = reply.getInteger(at: start, as: UInt8.self), magic == replyMagic,
                let status = reply.getInteger(at: start + 6, as: UInt16.self),
                let length = reply.getInteger(at: start + 8, as: UInt32.self), length <= longestReply
            else {
                return .refusal(
                    ConnectionProblem(
                        .protocolError,
                        "the reply to the forwarder's user name and password makes no sense"
                    )
                )
            }
            if reply.readableBytes < headerSize + Int(length) { return .unfinished }
            switch status {
            case 0: return .welcome
            // No such command.
            case 0x81: return .refusal(ConnectionProblem(.authProblem, MemcachedError.knowsNoCredentials))
            default:
                return .refusal(
                    ConnectionProblem(.authFailure, "the server refused the forwarder's user name or password")
                )
            }
        }

        /// The error for clients whose protocol has no user names.
        static let needsBinary = ConnectionProblem(
            .authProblem,
            "the forwarder's user name and password need the binary protocol: `binary: true`"
        )
    }
#endif
