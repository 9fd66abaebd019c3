internal import CLibMemcached

extension Handle {
    /// A handle for a single server, for commands that libmemcached sends to all servers at once, mixing up or hiding
    /// their failures (hazards 25, 78, 79); on request without credentials.
    func solo(_ position: Int, withoutCredentials: Bool = false) throws(MemcachedError) -> Handle {
        var configuration = configuration
        configuration.servers = [servers[position]]
        if withoutCredentials { configuration.credentials = nil }
        let handle = try Handle(configuration)
        guard !callWatch.has(CallWatch.unwatched) else { return handle }
        handle.commandTimeoutIfSaid = .nanoseconds(Int64(clamping: (endOfCall - .now).nanoseconds))
        return handle
    }

    // The methods below are for a handle to one server.

    /// Empties the server.
    func flush(expiration: UInt32) throws(MemcachedError) {
        // Without credentials the server refuses, and the library doesn't say so.
        try probe(.flushAll)
        let call = startCall()
        defer { endCall(call) }
        let code = unsafe memcached_flush(pointer, time_t(expiration))
        let actual = unsafe memcached_last_error(pointer)
        guard code == MEMCACHED_SUCCESS, actual == MEMCACHED_SUCCESS else {
            throw failure(actual == MEMCACHED_SUCCESS ? code : actual, .flushAll, at: 0)
        }
        // In the binary protocol the library does not look at the reply (hazard 25).
        guard traits.isBinary, (try? statistics("settings"))?["flush_enabled"] == "no" else { return }
        throw MemcachedError(
            code: .clientError,
            operation: .flushAll,
            detail: "the server is set not to allow it",
            server: servers[0]
        )
    }

    /// The server's version, such as `1.6.18`.
    func version() throws(MemcachedError) -> String {
        try probe(.version)
        let call = startCall()
        defer { endCall(call) }
        let code = unsafe memcached_version(pointer)
        let instance = unsafe instance(0)
        let major = unsafe memcached_server_major_version(instance)
        guard code == MEMCACHED_SUCCESS, major != UInt8.max else {
            throw failure(mostAccurate(code), .version, at: 0)
        }
        let minor = unsafe memcached_server_minor_version(instance)
        let micro = unsafe memcached_server_micro_version(instance)
        return "\(major).\(minor).\(micro)"
    }

    /// The server's statistics.
    func statistics(_ arguments: String?) throws(MemcachedError) -> [String: String] {
        try probe(.getStats)
        final class Collector { var entries: [String: String] = [:] }
        let collector = Collector()
        let call = startCall()
        defer { endCall(call) }
        let code = unsafe memcached_stat_execute(
            pointer,
            arguments,
            { _, key, keyLength, value, valueLength, context in
                guard let context = unsafe context, let key = unsafe key else { return MEMCACHED_SUCCESS }
                let collector = unsafe Unmanaged<Collector>.fromOpaque(context).takeUnretainedValue()
                let name = unsafe UnsafeRawBufferPointer(start: key, count: keyLength)
                let text = unsafe UnsafeRawBufferPointer(start: value, count: value == nil ? 0 : valueLength)
                unsafe collector.entries[String(decoding: name, as: UTF8.self)] = String(decoding: text, as: UTF8.self)
                return MEMCACHED_SUCCESS
            },
            Unmanaged.passUnretained(collector).toOpaque()
        )
        let actual = unsafe memcached_last_error(pointer)
        guard code == MEMCACHED_SUCCESS, actual == MEMCACHED_SUCCESS else {
            throw failure(actual == MEMCACHED_SUCCESS ? code : actual, .getStats, at: 0)
        }
        return collector.entries
    }

    /// Asks the server whether it answers.
    func ping() throws(MemcachedError) { try probe(.ping) }

    private func probe(_ operation: Operation) throws(MemcachedError) {
        try Self.probeKey.withRawSpan { key throws(MemcachedError) in
            try probe(key, operation, acceptsRefusals: false)
        }
    }
}

extension Handle {
    /// Where keys routed by these bytes live: pylibmc's `hash`, libmemcached's `memcached_generate_hash`.
    func hash(_ routing: RawSpan) -> UInt32 { UInt32(position(of: routing)) }

    /// Reads over UDP would wait forever, so they are refused.
    func refuseReadsOverUDP(_ keys: KeyList) throws(MemcachedError) {
        guard _slowPath(traits.usesUDP) else { return }
        throw MemcachedError(code: .notSupported, operation: keys.operation, detail: Self.noReadsOverUDP)
    }
}
