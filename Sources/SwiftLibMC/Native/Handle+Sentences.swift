internal import CLibMemcached
internal import CPlatform

// The messages of errors.

extension Handle {
    /// The sentence for a failed request: libmemcached's own for the last error, or its general one for the code,
    /// unless there is a better one here.
    func sentence(for code: memcached_return_t) -> String {
        switch code {
        case MEMCACHED_TIMEOUT:
            return "no answer within \(unsafe pointer.pointee.poll_timeout) ms (pollTimeout)"
        case MEMCACHED_E2BIG:
            return
                "the value is more than the server's item size, which is 1 MiB with key and header unless set otherwise "
                + "(memcached -I)"
        case MEMCACHED_PROTOCOL_ERROR where librarysSentence(for: code) == "protocol error":
            return "the reply is none to this request; perhaps this is no memcached (protocol error)"
        case MEMCACHED_UNKNOWN_READ_FAILURE:
            let protocolName = traits.isBinary ? "binary" : "ASCII"
            return
                "the reply makes no sense; perhaps this is no memcached, or it does not speak the \(protocolName) protocol "
                + "(\(librarysSentence(for: code)))"
        default:
            return librarysSentence(for: code)
        }
    }

    /// An error with the server that keys routed by these bytes live on.
    func located(_ error: MemcachedError, _ routing: RawSpan) -> MemcachedError {
        var error = error
        error.server = servers[position(of: routing)]
        return error
    }

    /// Why there is no connection.
    func sentence(forNoConnection code: memcached_return_t, at position: Int) -> String {
        let number = unsafe memcached_last_error_errno(pointer)
        switch code {
        case MEMCACHED_TIMEOUT:
            var text = "no connection within \(unsafe pointer.pointee.connect_timeout) ms (connectTimeout)"
            if configuration.credentials != nil {
                text +=
                    ", or no answer to the authentication within \(unsafe pointer.pointee.poll_timeout) ms (pollTimeout)"
            }
            return text
        case MEMCACHED_HOST_LOOKUP_FAILURE:
            return
                "the host name can't be looked up (\(number == 0 ? lookupProblem(position) : Self.text(ofErrno: number)))"
        case MEMCACHED_ERRNO where number == EMFILE || number == ENFILE:
            return "no connection, because there are no more file descriptors (\(Self.text(ofErrno: number)))"
        default:
            return sentence(for: code)
        }
    }

    private static func text(ofErrno number: CInt) -> String { unsafe String(cString: strerror(number)) }

    /// The resolver's message, which libmemcached puts after a comma.
    private func lookupProblem(_ position: Int) -> String {
        for message in messages(at: position) {
            let text = Self.cleaned(message)
            if let range = text.firstRange(of: ", ") { return String(text[range.upperBound...]) }
        }
        return unsafe String(cString: gai_strerror(EAI_AGAIN))
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
        // A server's message may contain line ends, and more lines after the first.
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
