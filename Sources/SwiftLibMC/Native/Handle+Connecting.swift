internal import CLibMemcached
internal import CPlatform

// Failures to connect, which libmemcached reports with the codes of failures later on.

extension Handle {
    /// Whether no connection to a server was made in the present call, so that nothing can have been sent to it.
    ///
    /// libmemcached remembers the last server that it could not connect to; it must be made to forget before the next
    /// call.
    func takeFailedConnection(_ position: Int) -> Bool {
        guard let failed = unsafe memcached_server_get_last_disconnect(pointer) else { return false }
        let server = unsafe instance(position)
        defer { forgetFailedConnection() }
        return unsafe memcached_server_port(failed) == memcached_server_port(server)
            && strcmp(memcached_server_name(failed), memcached_server_name(server)) == 0
    }

    /// Makes libmemcached forget which server it could not connect to.
    func forgetFailedConnection() {
        if unsafe pointer.pointee.last_disconnected_server != nil {
            unsafe memcached_reset_last_disconnected_server(pointer)
        }
    }

    /// Why there is no connection: the code that a server was left with, if it says more than the one that was
    /// returned.
    func reason(forNoConnection code: memcached_return_t, at position: Int) -> memcached_return_t {
        if code == MEMCACHED_SERVER_TEMPORARILY_DISABLED || code == MEMCACHED_SERVER_MARKED_DEAD { return code }
        let last = unsafe memcached_last_error(pointer)
        let isServers = unsafe last == memcached_server_error_return(instance(position))
        let reason = isServers && memcached_fatal(last) && configuration.credentials == nil ? last : code
        switch reason {
        case MEMCACHED_TIMEOUT, MEMCACHED_ERRNO:
            return isLookupFailure(position) ? MEMCACHED_HOST_LOOKUP_FAILURE : reason
        default: return reason
        }
    }

    /// Whether the last error is from looking up a name, although its code is another.
    private func isLookupFailure(_ position: Int) -> Bool {
        let again = unsafe String(cString: gai_strerror(EAI_AGAIN))
        return messages(at: position).contains { $0.contains(again) || $0.contains("getaddrinfo(") }
    }

    /// The library's last message, and its last message about a server.
    func messages(at position: Int) -> [String] {
        let last = unsafe memcached_last_error_message(pointer)
        let servers = unsafe memcached_server_error(instance(position))
        return unsafe [last, servers].compactMap { message in unsafe message.map { unsafe String(cString: $0) } }
    }
}
