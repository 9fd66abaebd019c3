internal import CLibMemcached

extension Handle {
    /// Builds a `memcached_st`: protocol, placement, servers, other settings, credentials.
    ///
    /// Placement comes before the servers, as in pylibmc. The points of ketama are made when a server is added: with
    /// the hash of that moment, and with regard to weights above 1 in ketama distributions only. In another order most
    /// keys would be elsewhere (hazard 70).
    ///
    /// Never `memcached_clone`: it forgets the weights and so moves keys (hazard 69).
    static func makeLibraryObject(_ configuration: Configuration) throws(MemcachedError) -> LibraryPointer {
        try Library.check()
        guard let pointer = unsafe memcached_create(nil) else {
            throw MemcachedError(code: .memoryAllocationFailure, operation: .create, detail: "out of memory")
        }
        do throws(MemcachedError) {
            let builder = unsafe Builder(pointer: pointer)
            if configuration.servers.contains(where: \.isUDP) { try builder.set(MEMCACHED_BEHAVIOR_USE_UDP, 1, "udp") }
            try builder.set(MEMCACHED_BEHAVIOR_BINARY_PROTOCOL, configuration.isBinary ? 1 : 0, "binary")
            if configuration.router?.placement == nil { try builder.place(configuration.behaviors) }
            for server in configuration.servers { try builder.add(server) }
            try builder.apply(configuration.behaviors)
            unsafe configuration.router?.install(in: pointer)
            if let credentials = configuration.credentials { try builder.apply(credentials) }
        } catch {
            unsafe memcached_free(pointer)
            throw error
        }
        return unsafe pointer
    }
}

/// The steps of making a library object.
@safe
private struct Builder {
    let pointer: LibraryPointer

    init(pointer: LibraryPointer) { unsafe self.pointer = pointer }

    func add(_ server: Server) throws(MemcachedError) {
        let weight = UInt32(server.weight)
        let code =
            switch server.endpoint {
            case .tcp(let host, let port), .udp(let host, let port):
                unsafe memcached_server_add_with_weight(pointer, host, in_port_t(port), weight)
            case .unix(let path):
                unsafe memcached_server_add_unix_socket_with_weight(pointer, path, weight)
            }
        try check(code, "the server \(server)")
    }

    /// Sets what decides on the server of a key.
    func place(_ behaviors: Behaviors) throws(MemcachedError) {
        for step in behaviors.placementSteps {
            switch step {
            case .hash(let hash): try set(MEMCACHED_BEHAVIOR_HASH, hash.rawValue, "hash")
            case .ketamaHash(let hash): try set(MEMCACHED_BEHAVIOR_KETAMA_HASH, hash.rawValue, "ketamaHash")
            case .ketama(let isOn): try set(MEMCACHED_BEHAVIOR_KETAMA, isOn, "ketama")
            case .ketamaWeighted(let isOn): try set(MEMCACHED_BEHAVIOR_KETAMA_WEIGHTED, isOn, "ketamaWeighted")
            case .distribution(let value): try set(MEMCACHED_BEHAVIOR_DISTRIBUTION, value.rawValue, "distribution")
            }
        }
        try set(MEMCACHED_BEHAVIOR_HASH_WITH_PREFIX_KEY, behaviors.hashWithPrefixKey, "hashWithPrefixKey")
        try set(MEMCACHED_BEHAVIOR_SORT_HOSTS, behaviors.sortHosts, "sortHosts")
    }

    /// Sets everything else.
    func apply(_ behaviors: Behaviors) throws(MemcachedError) {
        try set(MEMCACHED_BEHAVIOR_TCP_NODELAY, behaviors.tcpNodelay, "tcpNodelay")
        try set(MEMCACHED_BEHAVIOR_TCP_KEEPALIVE, behaviors.tcpKeepalive, "tcpKeepalive")
        try set(MEMCACHED_BEHAVIOR_TCP_KEEPIDLE, behaviors.tcpKeepidle, "tcpKeepidle", in: .seconds)
        try set(MEMCACHED_BEHAVIOR_SOCKET_SEND_SIZE, behaviors.socketSendSize, "socketSendSize")
        try set(MEMCACHED_BEHAVIOR_SOCKET_RECV_SIZE, behaviors.socketRecvSize, "socketRecvSize")

        try set(MEMCACHED_BEHAVIOR_CONNECT_TIMEOUT, behaviors.connectTimeout, "connectTimeout", in: .milliseconds)
        try set(MEMCACHED_BEHAVIOR_POLL_TIMEOUT, behaviors.effectivePollTimeout, "pollTimeout", in: .milliseconds)
        try set(MEMCACHED_BEHAVIOR_RETRY_TIMEOUT, behaviors.retryTimeout, "retryTimeout", in: .seconds)
        try set(MEMCACHED_BEHAVIOR_DEAD_TIMEOUT, behaviors.deadTimeout, "deadTimeout", in: .seconds)

        try set(MEMCACHED_BEHAVIOR_REMOVE_FAILED_SERVERS, behaviors.removesFailedServers, "removeFailed")
        if let failures = behaviors.removeFailed, failures > 0 {
            // libmemcached 1.1 moved the count from the setting above to this one (hazard 83).
            try set(MEMCACHED_BEHAVIOR_SERVER_FAILURE_LIMIT, failures, "removeFailed")
        }
        try set(MEMCACHED_BEHAVIOR_SERVER_FAILURE_LIMIT, behaviors.failureLimit, "failureLimit")

        // At the usual watermarks the library reads and drops replies on its own (hazards 1–3).
        try set(MEMCACHED_BEHAVIOR_IO_MSG_WATERMARK, Int(UInt32.max), "ioMsgWatermark")
        try set(MEMCACHED_BEHAVIOR_IO_BYTES_WATERMARK, Int(UInt32.max), "ioBytesWatermark")

        if let namespace = behaviors.namespace, !namespace.isEmpty {
            try check(unsafe memcached_callback_set(pointer, MEMCACHED_CALLBACK_NAMESPACE, namespace), "namespace")
        }
    }

    func apply(_ credentials: Credentials) throws(MemcachedError) {
        let code = unsafe memcached_set_sasl_auth_data(pointer, credentials.username, credentials.password)
        guard code == MEMCACHED_SUCCESS else {
            // `check` is not used here: nothing about credentials goes into a message.
            throw MemcachedError(
                code: .init(rawValue: code.rawValue),
                operation: .create,
                detail: "libmemcached could not take the credentials"
            )
        }
    }

    func set(_ behavior: memcached_behavior_t, _ value: Bool?, _ name: String) throws(MemcachedError) {
        if let value { try set(behavior, value ? 1 : 0, name) }
    }

    func set(_ behavior: memcached_behavior_t, _ value: some BinaryInteger, _ name: String) throws(MemcachedError) {
        try check(unsafe memcached_behavior_set(pointer, behavior, UInt64(value)), "\(name) = \(value)")
    }

    func set(
        _ behavior: memcached_behavior_t,
        _ value: (some BinaryInteger)?,
        _ name: String
    ) throws(MemcachedError) {
        if let value { try set(behavior, value, name) }
    }

    func set(
        _ behavior: memcached_behavior_t,
        _ time: Duration?,
        _ name: String,
        in unit: TimeUnit
    ) throws(MemcachedError) {
        if let time { try set(behavior, time.roundedUp(to: unit), name) }
    }

    private func check(_ code: memcached_return_t, _ what: String) throws(MemcachedError) {
        guard code != MEMCACHED_SUCCESS else { return }
        let sentence = unsafe String(cString: memcached_strerror(pointer, code))
        throw MemcachedError(
            code: .init(rawValue: code.rawValue),
            operation: .create,
            detail: "libmemcached does not accept \(what): \(sentence)"
        )
    }
}
