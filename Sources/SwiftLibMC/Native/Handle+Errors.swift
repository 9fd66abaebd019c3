internal import CLibMemcached
internal import Glibc

extension MemcachedError {
    init(
        code: Code,
        operation: Operation,
        detail: String,
        key: String? = nil,
        server: Server? = nil,
        underlying: (any Error)? = nil
    ) {
        self.init(
            code: code,
            operation: operation.rawValue,
            detail: detail,
            key: key,
            server: server,
            underlying: underlying
        )
    }
}

extension Handle {
    /// Makes the error for a return code right where it was returned, notes what it says about the connection, and
    /// leaves the handle in doubt, so that the connection is reset before the next request.
    ///
    /// Who may repeat the request says that it is not final, and gives what remains to ``concluding(_:_:at:)``.
    @inline(never)
    func failure(
        _ code: memcached_return_t,
        _ operation: Operation,
        key: RawSpan,
        routing: RawSpan,
        isWrite: Bool,
        isFinal: Bool = true
    ) -> MemcachedError {
        failure(code, operation, at: position(of: routing), key: key.text, isWrite: isWrite, isFinal: isFinal)
    }

    @inline(never)
    func failure(
        _ code: memcached_return_t,
        _ operation: Operation,
        at position: Int,
        key: String? = nil,
        isWrite: Bool = false,
        isFinal: Bool = true
    ) -> MemcachedError {
        let code = actual(code)
        var error = MemcachedError(
            code: .init(rawValue: code.rawValue),
            operation: operation,
            detail: sentence(for: code),
            key: key,
            server: servers[position]
        )
        let number = unsafe memcached_last_error_errno(pointer)
        if number != 0 { error.systemErrno = number }
        switch code {
        case MEMCACHED_E2BIG, MEMCACHED_SERVER_TEMPORARILY_DISABLED, MEMCACHED_SERVER_MARKED_DEAD:
            // The reply was in order, or nothing has been sent: the connections are as good as before.
            break
        default:
            doubt()
            proven.remove(position)
        }

        if error.code == .timeout { noteTimeout(position) }
        if isWrite, !error.isRefusedConnection {
            error.isOutcomeUnknown = error.isTimeout || error.isBrokenConnection
        }
        error = explainingAuthentication(error, at: position)
        return isFinal ? explainingHangUp(error, at: position) : error
    }

    /// What really happened, where a return code is too general, or that of a reply that makes no sense.
    private func actual(_ code: memcached_return_t) -> memcached_return_t {
        if !memcached_failed(code) { return MEMCACHED_PROTOCOL_ERROR }
        // A reply may be broken off by a time-out or the end of the connection.
        let last = unsafe memcached_last_error(pointer)
        return code == MEMCACHED_UNKNOWN_READ_FAILURE && last != MEMCACHED_SUCCESS ? last : code
    }

    /// Counts a time-out against its server.
    func noteTimeout(_ position: Int) {
        stalls.timedOut(position, pause: configuration.behaviors.retryTimeout ?? .seconds(2))
        needsCare = true
    }

    /// The error for a server that is not asked, because it keeps timing out.
    func stalled(_ position: Int, _ operation: Operation, key: RawSpan) -> MemcachedError {
        let error = MemcachedError(
            code: .serverTemporarilyDisabled,
            operation: operation,
            detail: "the server timed out \(StallGuard.limit) times in a row and is not asked for a moment",
            key: key.text,
            server: servers[position]
        )
        return explainingAuthentication(error, at: position)
    }

    /// The error for an operation that the transport can't carry.
    func unsupported(_ operation: Operation, _ detail: String, key: RawSpan) -> MemcachedError {
        MemcachedError(code: .notSupported, operation: operation, detail: detail, key: key.text)
    }

    // MARK: - Texts

    /// libmemcached's own sentence for the last error, or its general one for the code.
    func sentence(for code: memcached_return_t) -> String {
        let sentence = librarysSentence(for: code)
        guard code == MEMCACHED_UNKNOWN_READ_FAILURE else { return sentence }
        let language = traits.isBinary ? "binary" : "ASCII"
        return "the reply makes no sense; perhaps this is no memcached, or it does not speak the \(language) protocol "
            + "(\(sentence))"
    }

    private func librarysSentence(for code: memcached_return_t) -> String {
        if unsafe memcached_last_error(pointer) == code, let message = unsafe memcached_last_error_message(pointer) {
            return Self.cleaned(unsafe String(cString: message))
        }
        return Self.cleaned(unsafe String(cString: memcached_strerror(pointer, code)))
    }

    /// Makes a readable sentence of a message such as
    /// `(0x55d0) CONNECTION FAILURE(Connection refused),  host: localhost:11211 -> ./src/libmemcached/connect.cc:720`:
    /// without addresses, source paths, the server (which the error names itself), and capitals.
    static func cleaned(_ message: String) -> String {
        // What a server says may have line ends in it, and more lines after the first.
        var text = message.prefix { !$0.isNewline }
        if text.hasPrefix("(0x"), let end = text.firstIndex(of: ")") { text = text[text.index(after: end)...] }
        for mark in [" -> ", "  host: ", "  socket: ", ", host: ", ", socket: "] {
            if let range = text.firstRange(of: mark) { text = text[..<range.lowerBound] }
        }
        while let last = text.last, last == "," || last == " " { text.removeLast() }
        while text.first == " " { text.removeFirst() }
        let functions = "getaddrinfo() or getnameinfo() "
        if text.hasPrefix(functions) { text = text.dropFirst(functions.count) }

        let title = text.prefix { $0 != "," && $0 != "(" }
        guard !title.contains(where: \.isLowercase) else { return String(text).escapingControls }
        let rest = text[title.endIndex...]
        return (title.lowercased() + (rest.hasPrefix("(") ? " " : "") + rest).escapingControls
    }
}

extension MemcachedError {
    /// Whether the connection broke while a request was under way, so that a fresh one may succeed.
    var isBrokenConnection: Bool {
        switch code {
        case .connectionFailure, .writeFailure, .readFailure, .unknownReadFailure, .partialRead, .systemError: true
        default: false
        }
    }

    /// Whether no connection came about, so that nothing can have been sent.
    var isRefusedConnection: Bool {
        switch systemErrno {
        case ECONNREFUSED, ENOENT, EHOSTUNREACH, ENETUNREACH, EADDRNOTAVAIL, EACCES: true
        default: false
        }
    }
}

extension RawSpan {
    /// The bytes as text, for error messages.
    var text: String { unsafe withUnsafeBytes { unsafe String(decoding: $0, as: UTF8.self) } }
}
