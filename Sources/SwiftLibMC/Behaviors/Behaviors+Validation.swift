extension Behaviors {
    /// Throws unless libmemcached can apply these settings to these servers without harm.
    ///
    /// To be called with the settings that will be in force, after merging. What libmemcached refuses by itself, such
    /// as a hash that it was built without, is left to it.
    ///
    /// - Parameters:
    ///   - servers: The servers of the client, each valid by itself.
    ///   - isBinary: Whether the client speaks the binary protocol.
    ///   - hasCredentials: Whether the client authenticates itself.
    ///   - operation: The method to name in the error.
    /// - Throws: ``MemcachedError`` with code ``MemcachedError/Code/invalidArguments``, naming setting and reason.
    func validate(
        servers: [Server],
        isBinary: Bool,
        hasCredentials: Bool,
        operation: String = "Client(servers:)"
    ) throws(MemcachedError) {
        let problem =
            unsafeSettingProblem ?? timeProblem ?? failoverProblem ?? sizeProblem
            ?? namespaceProblem(isBinary: isBinary)
            ?? placementProblem(serverCount: servers.count)
            ?? Self.transportProblem(of: servers)
            ?? Self.credentialsProblem(of: servers, isBinary: isBinary, hasCredentials: hasCredentials)
        guard let problem else { return }
        throw MemcachedError(code: .invalidArguments, operation: operation, detail: problem)
    }
}

// MARK: - Settings alone

extension Behaviors {
    /// Settings that lose data or mix up replies in libmemcached.
    private var unsafeSettingProblem: String? {
        if noBlock == true {
            return "noBlock can't be true: libmemcached would throw away unsent writes when it closes a connection"
        }
        if bufferRequests == true {
            return "bufferRequests can't be true: the failures of buffered writes are lost; "
                + "setMulti and the like pipeline safely"
        }
        if let numReplicas, numReplicas != 0 {
            return "numReplicas can't be \(numReplicas), only 0: libmemcached copies set and delete only, "
                + "and a missing copy makes later calls read wrong replies"
        }
        if randomizeReplicaRead == true {
            return "randomizeReplicaRead can't be true: libmemcached would then miss items that are stored"
        }
        if let ioKeyPrefetch, ioKeyPrefetch != 0 {
            return "ioKeyPrefetch can't be \(ioKeyPrefetch), only 0: libmemcached may send parts of such a request "
                + "twice; multi-gets are divided by this library"
        }
        return watermarkProblem(ioMsgWatermark, called: "ioMsgWatermark")
            ?? watermarkProblem(ioBytesWatermark, called: "ioBytesWatermark")
    }

    private func watermarkProblem(_ value: Int?, called name: String) -> String? {
        guard let value, value != Self.noWatermark else { return nil }
        return "\(name) can't be \(value), only \(Self.noWatermark): beyond the watermark libmemcached drops replies, "
            + "and with them the results of writes"
    }

    private var timeProblem: String? {
        let waits = [
            ("connectTimeout", connectTimeout), ("pollTimeout", pollTimeout), ("sendTimeout", sendTimeout),
            ("receiveTimeout", receiveTimeout),
        ]
        for (name, time) in waits {
            guard let time, time <= .zero || time.roundedUp(to: .milliseconds) > Self.largest else { continue }
            return "\(name) can't be \(time): it has to be above zero and at most \(Self.largest) milliseconds, "
                + "because every wait has to end"
        }
        for (name, time) in [("retryTimeout", retryTimeout), ("deadTimeout", deadTimeout)] {
            guard let time, time < .zero || time.roundedUp(to: .seconds) > Self.largest else { continue }
            return "\(name) can't be \(time): it has to be from 0 to \(Self.largest) seconds"
        }
        if let tcpKeepidle, tcpKeepidle <= .zero || tcpKeepidle.roundedUp(to: .seconds) > 32767 {
            return "tcpKeepidle can't be \(tcpKeepidle): the system takes from 1 to 32767 seconds"
        }
        return nil
    }

    private var failoverProblem: String? {
        if let problem = rangeProblem(removeFailed, called: "removeFailed") { return problem }
        if let problem = rangeProblem(failureLimit, called: "failureLimit", from: 1) { return problem }
        guard removesFailedServers == true, deadTimeout == .zero else { return nil }
        return "deadTimeout can't be zero together with removeFailed or autoEject: "
            + "servers that were left out would never come back"
    }

    private var sizeProblem: String? {
        rangeProblem(socketSendSize, called: "socketSendSize") ?? rangeProblem(socketRecvSize, called: "socketRecvSize")
    }

    private func rangeProblem(_ value: Int?, called name: String, from lowest: Int = 0) -> String? {
        guard let value, !(lowest...Int(Self.largest) ~= value) else { return nil }
        return "\(name) can't be \(value): it has to be from \(lowest) to \(Self.largest)"
    }

    /// The largest number that libmemcached keeps for most settings; it truncates larger ones.
    private static let largest = Int64(Int32.max)
}

// MARK: - Settings and the client

extension Behaviors {
    private func namespaceProblem(isBinary: Bool) -> String? {
        guard let namespace else { return nil }
        let text = String(namespace.prefix(128)).debugDescription
        if namespace.utf8.count > 127 { return "namespace can't be \(text): it can have 127 bytes at most" }
        if namespace.utf8.contains(0) { return "namespace can't be \(text): it holds a NUL byte" }
        // Blanks would end the key early; libmemcached refuses non-ASCII bytes, but only in namespaces.
        guard isBinary || namespace.utf8.allSatisfy({ 0x21...0x7E ~= $0 }) else {
            return "namespace can't be \(text): in the ASCII protocol it has to be ASCII without blanks and control "
                + "characters"
        }
        return nil
    }

    private func placementProblem(serverCount: Int) -> String? {
        if distribution == .consistentMax {
            return "distribution can't be consistentMax: that is the number of distributions, not one of them"
        }
        if distribution == .random, serverCount > 1 {
            return "distribution can't be random with several servers: reads would not find what was written"
        }
        guard serverCount > 100, placement?.isConsistent == true else { return nil }
        return "\(serverCount) servers are too many for a ketama distribution: libmemcached has room for 100"
    }

    private static func transportProblem(of servers: [Server]) -> String? {
        if let server = servers.first(where: { $0.tunnel != nil && !$0.isTCP }) {
            return "\(server) can't be behind a forwarder, only TCP servers can"
        }
        let udpCount = servers.count(where: \.isUDP)
        return udpCount == 0 || udpCount == servers.count
            ? nil : "servers can't be a mixture of UDP and other transports: a client uses UDP for all servers or none"
    }

    private static func credentialsProblem(of servers: [Server], isBinary: Bool, hasCredentials: Bool) -> String? {
        guard hasCredentials else { return nil }
        if !isBinary {
            return "username and password need the binary protocol: leave `binary` out, or say `binary: true`"
        }
        if servers.contains(where: { $0.tunnel != nil }) {
            return "username and password can't be used with servers behind a forwarder: give them to the forwarder"
        }
        guard let server = servers.first(where: { !$0.isTCP }) else { return nil }
        return "username and password can't be used with \(server): libmemcached authenticates over TCP only"
    }
}

extension Server {
    var isUDP: Bool {
        if case .udp = transport { true } else { false }
    }

    fileprivate var isTCP: Bool {
        if case .tcp = transport { true } else { false }
    }
}
