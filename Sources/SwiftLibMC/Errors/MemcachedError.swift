/// A failure of libmemcached, of a server, of a value's conversion, or of an argument.
///
/// A miss and "not stored" are results, never errors. Credentials and values never appear in an error; the key does
/// in ``debugDescription`` only.
public struct MemcachedError: Error, Sendable {
    /// What went wrong. Switch on this.
    public var code: Code
    /// The method that failed, such as `getMulti`.
    public var operation: String
    /// One sentence about the cause, libmemcached's where it gave one.
    public var detail: String
    /// The key that the operation was about, without namespace.
    public var key: String?
    /// The server that was asked.
    public var server: Server?
    /// The system's error number, where a system call failed.
    public var systemErrno: CInt?
    /// What a serialization hook, or another part below this library, threw.
    public var underlying: (any Error)?
    /// Whether a write may or may not have taken place: the request was sent, and no answer came.
    public var isOutcomeUnknown: Bool
    /// What a multi-key call achieved before it threw, with ``Client/partialFailures`` set to `.throwing`.
    public var partialResult: PartialResult?

    /// Makes an error.
    public init(
        code: Code,
        operation: String,
        detail: String,
        key: String? = nil,
        server: Server? = nil,
        systemErrno: CInt? = nil,
        underlying: (any Error)? = nil,
        isOutcomeUnknown: Bool = false,
        partialResult: PartialResult? = nil
    ) {
        self.code = code
        self.operation = operation
        self.detail = detail
        self.key = key
        self.server = server
        self.systemErrno = systemErrno
        self.underlying = underlying
        self.isOutcomeUnknown = isOutcomeUnknown
        self.partialResult = partialResult
    }
}

// MARK: - Kinds of failure

extension MemcachedError {
    /// Whether a deadline passed.
    public var isTimeout: Bool { code == .timeout || code == .commandTimeout }

    /// Whether the server could not be reached, or the connection broke.
    public var isConnectionFailure: Bool {
        switch code {
        case .connectionFailure, .hostLookupFailure, .connectionBindFailure, .writeFailure, .readFailure,
            .unknownReadFailure, .partialRead, .systemError, .failUnixSocket, .serverMarkedDead,
            .serverTemporarilyDisabled:
            true
        default: false
        }
    }

    /// Whether the credentials are wrong, missing, or could not be presented.
    public var isAuthenticationFailure: Bool {
        code == .authFailure || code == .authProblem || code == .authContinue
    }

    /// Whether the same call may succeed later without any change to it.
    ///
    /// Before repeating a write look at ``isOutcomeUnknown``: the first one may have been carried out.
    public var isRetriable: Bool {
        if isTimeout || isConnectionFailure { return true }
        return switch code {
        case .serverError, .memoryAllocationFailure, .serverMemoryAllocationFailure, .someErrors, .casConflict,
            .poolExhausted, .overloaded:
            true
        default: false
        }
    }
}

// MARK: - Descriptions

extension MemcachedError: CustomStringConvertible, CustomDebugStringConvertible {
    /// One readable sentence: operation, server, what happened.
    public var description: String {
        var text = operation
        if let server { text += " on \(server)" }
        text += ": \(detail)"
        if isOutcomeUnknown { text += " (whether the write took place is unknown)" }
        return text
    }

    /// ``description`` with the key, the code and the cause.
    public var debugDescription: String {
        var text = "MemcachedError \(code.rawValue): \(description)"
        if let key { text += ", key \(key.debugDescription)" }
        if let systemErrno { text += ", errno \(systemErrno)" }
        if let underlying { text += ", caused by \(underlying)" }
        return text
    }
}
