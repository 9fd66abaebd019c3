internal import CLibMemcached

extension Handle {
    /// The behaviors as they are: those of libmemcached, and those that this library keeps itself.
    var behaviors: Behaviors {
        var current = configuration.behaviors
        current.hash = Behaviors.Hash(rawValue: Int(readPlacement(MEMCACHED_BEHAVIOR_HASH)))
        current.ketamaHash = Behaviors.Hash(rawValue: Int(readPlacement(MEMCACHED_BEHAVIOR_KETAMA_HASH)))
        current.distribution = Behaviors.Distribution(rawValue: Int(readPlacement(MEMCACHED_BEHAVIOR_DISTRIBUTION)))
        current.ketama = readPlacement(MEMCACHED_BEHAVIOR_KETAMA) != 0
        current.ketamaWeighted = readPlacement(MEMCACHED_BEHAVIOR_KETAMA_WEIGHTED) != 0
        // Weights count with hashes other than MD5, too; setting this again must not bring MD5 back.
        current.hashesPrevail = current.ketamaWeighted == true && !(current.hash == .md5 && current.ketamaHash == .md5)
        current.hashWithPrefixKey = readPlacement(MEMCACHED_BEHAVIOR_HASH_WITH_PREFIX_KEY) != 0
        current.sortHosts = flag(MEMCACHED_BEHAVIOR_SORT_HOSTS)
        current.tcpNodelay = flag(MEMCACHED_BEHAVIOR_TCP_NODELAY)
        current.tcpKeepalive = flag(MEMCACHED_BEHAVIOR_TCP_KEEPALIVE)
        current.autoEject = flag(MEMCACHED_BEHAVIOR_AUTO_EJECT_HOSTS)
        current.failureLimit = Int(read(MEMCACHED_BEHAVIOR_SERVER_FAILURE_LIMIT))
        current.connectTimeout = .milliseconds(Int(read(MEMCACHED_BEHAVIOR_CONNECT_TIMEOUT)))
        current.pollTimeout = .milliseconds(Int(read(MEMCACHED_BEHAVIOR_POLL_TIMEOUT)))
        current.retryTimeout = .seconds(Int(read(MEMCACHED_BEHAVIOR_RETRY_TIMEOUT)))
        current.deadTimeout = .seconds(Int(read(MEMCACHED_BEHAVIOR_DEAD_TIMEOUT)))
        current.ioMsgWatermark = Int(read(MEMCACHED_BEHAVIOR_IO_MSG_WATERMARK))
        current.ioBytesWatermark = Int(read(MEMCACHED_BEHAVIOR_IO_BYTES_WATERMARK))
        current.ioKeyPrefetch = Int(read(MEMCACHED_BEHAVIOR_IO_KEY_PREFETCH))
        current.noBlock = flag(MEMCACHED_BEHAVIOR_NO_BLOCK)
        current.bufferRequests = flag(MEMCACHED_BEHAVIOR_BUFFER_REQUESTS)
        current.numReplicas = Int(read(MEMCACHED_BEHAVIOR_NUMBER_OF_REPLICAS))
        current.randomizeReplicaRead = flag(MEMCACHED_BEHAVIOR_RANDOMIZE_REPLICA_READ)
        // The client's setting, whatever the library's own switches are.
        current.noreply = configuration.behaviors.noreply ?? false
        if current.namespace?.isEmpty == true { current.namespace = nil }
        current.verifyKeys = true
        current.cas = true
        return current
    }

    private func read(_ behavior: memcached_behavior_t) -> UInt64 {
        unsafe memcached_behavior_get(pointer, behavior)
    }

    /// A setting that decides where keys live, from the library object that places them.
    private func readPlacement(_ behavior: memcached_behavior_t) -> UInt64 {
        configuration.router?.placement?.read(behavior) ?? read(behavior)
    }

    private func flag(_ behavior: memcached_behavior_t) -> Bool { read(behavior) != 0 }
}
