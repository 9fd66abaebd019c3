/// A user name and password.
///
/// It is never printed, not even by `dump` of something that holds it.
struct Credentials: Sendable, CustomStringConvertible, CustomReflectable {
    let username: String
    let password: String

    var description: String { "credentials" }
    var customMirror: Mirror { Mirror(self, children: []) }
}

extension Credentials {
    /// Checks that both parts were given, or neither.
    init?(username: String?, password: String?) throws(MemcachedError) {
        guard username != nil || password != nil else { return nil }
        guard let username = username.map(Self.withoutLineEnds), let password = password.map(Self.withoutLineEnds)
        else {
            throw Self.refusal("credentials need both a user name and a password")
        }
        // The library copies them as C strings, into buffers of fixed size (hazard 64).
        for part in [username, password] {
            guard !part.utf8.contains(0) else { throw Self.refusal("credentials can't contain a NUL byte") }
            guard part.utf8.count <= 1024 else { throw Self.refusal("credentials can't be longer than 1024 bytes") }
        }
        guard !username.isEmpty else { throw Self.refusal("the user name is empty") }
        self.init(username: username, password: password)
    }

    /// The intended secret: one with a line end around it was read from a file.
    ///
    /// Without a line end, blanks are kept, as they may be part of a password.
    private static func withoutLineEnds(_ secret: String) -> String {
        let trimmed = secret.trimmed
        let hasLineEnd =
            secret.utf8.prefix(upTo: trimmed.startIndex).contains(where: isLineEnd)
            || secret.utf8.suffix(from: trimmed.endIndex).contains(where: isLineEnd)
        return hasLineEnd ? String(trimmed) : secret
    }

    private static func isLineEnd(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: "\n") || byte == UInt8(ascii: "\r")
    }

    private static func refusal(_ detail: String) -> MemcachedError {
        MemcachedError(code: .invalidArguments, operation: .create, detail: detail)
    }
}
