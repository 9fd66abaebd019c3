// Where requests are carried out by libmemcached.

extension Client: MemcachedCommands {
    /// Carries out a request, and returns what has happened, whatever the client's policies.
    ///
    /// The methods of a client make their arguments a request and call this. Call it yourself only in wrappers and in
    /// caches of your own.
    ///
    /// - Throws: What keeps the request for a single key, or for all servers, from being carried out; `.badKey` and
    ///   other mistakes before anything is sent. Of a request for many keys the response says which servers failed.
    public final func execute(_ request: MemcachedRequest) throws(MemcachedError) -> MemcachedResponse {
        do throws(MemcachedError) {
            if _slowPath(isObserved) { return try observed(request) }
            return try carryOut(request)
        } catch {
            throw request.named(error)
        }
    }

    final func carryOut(_ request: MemcachedRequest) throws(MemcachedError) -> MemcachedResponse {
        if case .fetch(let reading) = request.action, reading.touching == nil { return try fetch(request, reading) }
        return try carryOutOther(request)
    }

    /// Requests other than plain reads.
    @inline(never)
    private final func carryOutOther(_ request: MemcachedRequest) throws(MemcachedError) -> MemcachedResponse {
        try request.check()
        return switch request.action {
        case .fetch(let reading): try touchAndFetch(request, reading)
        case .store(let values, let condition, let writing):
            try store(request, values, when: condition, writing: writing)
        case .swap(let value, let cas, let writing): try swap(request, value, version: cas, writing: writing)
        case .extend(let bytes, let atEnd, let noreply): try extend(request, bytes, atEnd: atEnd, noreply: noreply)
        case .delete(let noreply): try delete(request, noreply: noreply)
        case .touch(let time): try touch(request, time)
        case .count(let step): try count(request, step)
        case .flush, .disconnect, .statistics, .version, .ping: try askServers(request)
        case .computation: computations.response(to: request.keys, scope: computationScope)
        case .location: MemcachedResponse(location: server(of: request))
        case .decode: try hooks.decoding(request)
        }
    }

    // MARK: - Reading

    private final func fetch(
        _ request: MemcachedRequest,
        _ reading: MemcachedRequest.Reading
    ) throws(MemcachedError) -> MemcachedResponse {
        let isOne = request.keys.list.isOne
        if _fastPath(isOne && reading.type == nil) { return try fetchOne(request, reading) }
        var response = isOne ? try fetchOne(request, reading) : try fetchMany(request, reading)
        if _slowPath(reading.type != nil) { convert(&response, of: request, reading) }
        return response
    }

    /// Reads an item, and sets when it expires: libmemcached has no command for both.
    ///
    /// In this order a value that is returned lives as long as was asked for.
    private final func touchAndFetch(
        _ request: MemcachedRequest,
        _ reading: MemcachedRequest.Reading
    ) throws(MemcachedError) -> MemcachedResponse {
        let call = handle.startCall(asksAtOnce: false)
        defer { handle.endCall(call) }
        let touched = try touch(request, reading.touching ?? .never)
        return touched.results[0].succeeded ? try fetch(request, reading) : touched
    }

    private final func fetchOne(
        _ request: MemcachedRequest,
        _ reading: MemcachedRequest.Reading
    ) throws(MemcachedError) -> MemcachedResponse {
        // The closure takes what it needs from the request, which would otherwise be copied.
        let (operation, withBytes, withVersion) = (request.operation, reading.withBytes, reading.withVersion)
        return try request.keys.withKeyBytes(of: 0) { key, routing throws(MemcachedError) in
            let isRemembered = operation == .gets && cacheCAS
            // Noted as missing first, in case it can't be read.
            if _slowPath(isRemembered) { seenVersions[.init(key, in: routing)] = .some(nil) }
            guard let lease = try handle.lease(key, routing: routing, for: operation, withCAS: withVersion) else {
                return MemcachedResponse(one: .missing)
            }
            defer { handle.giveBack(lease) }
            if _slowPath(isRemembered) { seenVersions[.init(key, in: routing)] = lease.cas }
            guard withBytes else {
                return MemcachedResponse(one: .found(.init(bytes: [], flags: lease.flags, cas: lease.cas)))
            }
            return MemcachedResponse(one: .found(.init(lease)))
        }
    }

    private final func fetchMany(
        _ request: MemcachedRequest,
        _ reading: MemcachedRequest.Reading
    ) throws(MemcachedError) -> MemcachedResponse {
        let keys = try keyList(of: request)
        if keys.isEmpty { return MemcachedResponse() }
        var sink = ResultSink(count: keys.count, withBytes: reading.withBytes)
        var run = MultiGet(keys, on: handle, withCAS: reading.withVersion)
        try run.run(into: &sink)
        if _slowPath(!run.failures.isEmpty || !run.keyFailures.isEmpty) {
            for index in keys.indices where !run.found[index] && run.failure(index) != nil {
                sink.results[index] = .unreachable
            }
        }
        return response(sink.results, keys, failures: run.failures, keyFailures: run.keyFailures)
    }

    /// Runs the hooks on the values, after everything has been read: they may use the client.
    final func convert(
        _ response: inout MemcachedResponse,
        of request: MemcachedRequest,
        _ reading: MemcachedRequest.Reading
    ) {
        guard let type = reading.type else { return }
        var index = -1
        response.results = response.results.mapEach { result in
            index += 1
            guard case .found(let stored) = result else { return result }
            do throws(MemcachedError) {
                let key = request.keys.list[index]
                let value = try hooks.convert(stored, as: type, for: request.operation, key: key.text)
                // Whoever updates a value that the format makes a miss needs its version.
                return .found(value ?? stored.with(object: CacheMiss()))
            } catch {
                return .refused(request.keys.withKeyBytes(of: index) { _, routing in handle.located(error, routing) })
            }
        }
    }

    // MARK: - Writing

    private final func store(
        _ request: MemcachedRequest,
        _ values: OneOrMany<MemcachedRequest.Value>,
        when condition: StoreCondition,
        writing: MemcachedRequest.Writing
    ) throws(MemcachedError) -> MemcachedResponse {
        let command = condition.command
        let isQuiet = writing.noreply || handle.traits.isQuiet(command)
        if case .one(.bytes(let payload)) = values {
            let expiration = writing.time.wireValue()
            let isStored = try request.keys.withKeyBytes(of: 0) { key, routing throws(MemcachedError) in
                try payload.bytes.withRawSpan { bytes throws(MemcachedError) in
                    try handle.store(
                        command,
                        key,
                        routing: routing,
                        bytes,
                        flags: payload.flags,
                        expiration: expiration,
                        isQuiet: isQuiet
                    )
                }
            }
            return MemcachedResponse(one: isStored ? .done : .declined)
        }
        if case .one = values { return try carryOut(request.encoded(by: hooks)) }
        let keys = try keyList(of: request)
        let payloads = try values.map { value throws(MemcachedError) in
            try hooks.encode(value, for: request.operation)
        }
        if keys.isEmpty { return MemcachedResponse() }
        let outcome = handle.storeMany(
            command,
            keys,
            StoredValues(.payloads(payloads), compression: nil, packing, with: deflate),
            expiration: writing.time.wireValue(),
            isQuiet: isQuiet
        )
        return response(outcome, keys, else: .declined)
    }

    private final func swap(
        _ request: MemcachedRequest,
        _ value: MemcachedRequest.Value,
        version cas: CAS,
        writing: MemcachedRequest.Writing
    ) throws(MemcachedError) -> MemcachedResponse {
        let payload = try hooks.encode(value, for: request.operation)
        do throws(MemcachedError) {
            return try one(request, else: .declined) { key, routing throws(MemcachedError) in
                try payload.bytes.withRawSpan { bytes throws(MemcachedError) in
                    try handle.compareAndSwap(
                        key,
                        routing: routing,
                        bytes,
                        flags: payload.flags,
                        expiration: writing.time.wireValue(),
                        cas: cas,
                        isQuiet: writing.noreply
                    )
                }
            }
        } catch {
            if error.code == .notFound, let server = error.server { return MemcachedResponse(missingAt: server) }
            throw error
        }
    }

    private final func extend(
        _ request: MemcachedRequest,
        _ bytes: [UInt8],
        atEnd: Bool,
        noreply: Bool
    ) throws(MemcachedError) -> MemcachedResponse {
        let command: StoreCommand = atEnd ? .append : .prepend
        return try one(request, else: .missing) { key, routing throws(MemcachedError) in
            try bytes.withRawSpan { bytes throws(MemcachedError) in
                try handle.store(
                    command,
                    key,
                    routing: routing,
                    bytes,
                    flags: .bytes,
                    expiration: 0,
                    isQuiet: noreply || handle.traits.isQuiet
                )
            }
        }
    }

    private final func delete(
        _ request: MemcachedRequest,
        noreply: Bool
    ) throws(MemcachedError) -> MemcachedResponse {
        guard !request.keys.list.isOne else {
            return try one(request, else: .missing) { key, routing throws(MemcachedError) in
                try handle.delete(key, routing: routing, isQuiet: noreply || handle.traits.isQuiet)
            }
        }
        let keys = try keyList(of: request)
        if keys.isEmpty { return MemcachedResponse() }
        return response(deleted(keys, noreply: noreply), keys, else: .missing)
    }

    private final func touch(_ request: MemcachedRequest, _ time: Expiration) throws(MemcachedError)
        -> MemcachedResponse
    {
        guard !request.keys.list.isOne else {
            return try one(request, else: .missing) { key, routing throws(MemcachedError) in
                try handle.touch(key, routing: routing, expiration: time.wireValue())
            }
        }
        let keys = try keyList(of: request)
        if keys.isEmpty { return MemcachedResponse() }
        return response(handle.touchMany(keys, expiration: time.wireValue()), keys, else: .missing)
    }

    private final func count(_ request: MemcachedRequest, _ step: CounterStep) throws(MemcachedError)
        -> MemcachedResponse
    {
        let change = Counting(request.keys.list.isOne ? step.operation : step.multiOperation, step)
        guard !request.keys.list.isOne else {
            let value = try request.keys.withKeyBytes(of: 0) { key, routing throws(MemcachedError) in
                try handle.count(change, key, routing: routing)
            }
            if let value { return MemcachedResponse(one: .counted(value)) }
            return MemcachedResponse(missingAt: server(of: request))
        }
        let keys = try keyList(of: request)
        if keys.isEmpty { return MemcachedResponse() }
        let (outcome, values) = handle.countMany(change, keys)
        var response = response(outcome, keys, else: .missing)
        var index = -1
        response.results = response.results.mapEach { result in
            index += 1
            return values[index].map { .counted($0) } ?? result
        }
        return response
    }

    // MARK: - Keys

    /// Does something with a single key.
    private final func one(
        _ request: MemcachedRequest,
        else negative: MemcachedResponse.Result,
        _ body: (_ key: RawSpan, _ routing: RawSpan) throws(MemcachedError) -> Bool
    ) throws(MemcachedError) -> MemcachedResponse {
        MemcachedResponse(one: try request.keys.withKeyBytes(of: 0, body) ? .done : negative)
    }

    /// The keys of a request for many, all of them checked.
    private final func keyList(of request: MemcachedRequest) throws(MemcachedError) -> KeyList {
        let isGrouped = request.keys.list.contains(where: \.isGrouped)
        // In a companion key the prefix is in front of the other key.
        let hasCompanion = isGrouped && request.keys.list.contains(where: \.isCompanion)
        let prefix = hasCompanion ? "" : request.keys.prefix
        let list = KeyList(
            request.operation,
            rules: handle.traits.keyRules,
            prefix: prefix.isEmpty ? nil : prefix,
            count: request.keys.count
        )
        for (index, key) in request.keys.list.enumerated() {
            if _slowPath(hasCompanion) {
                try request.keys.withKeyBytes(of: index) { key, routing throws(MemcachedError) in
                    try list.append(key, route: routing)
                }
                continue
            }
            try key.withKeyBytes { key, _ throws(MemcachedError) in
                guard _slowPath(isGrouped) else { return try list.append(key) }
                try request.keys.withKeyBytes(of: index) { _, routing throws(MemcachedError) in
                    try list.append(key, route: routing)
                }
            }
        }
        try handle.detectProtocols(of: list)
        return list
    }

    /// The server of a single key.
    final func server(of request: MemcachedRequest) -> Server {
        request.keys.withKeyBytes(of: 0) { _, routing in handle.servers[handle.position(of: routing)] }
    }

    private final func position(of index: Int, in keys: KeyList) -> Int {
        keys.withKey(index) { _, routing in handle.position(of: routing) }
    }

    /// The response for many keys.
    private final func response(
        _ outcome: ManyOutcome,
        _ keys: KeyList,
        else negative: MemcachedResponse.Result
    ) -> MemcachedResponse {
        var results = [MemcachedResponse.Result](repeating: .done, count: keys.count)
        for index in outcome.failed {
            if let refusal = outcome.refusals[index] {
                results[index] = .refused(keys.named(refusal))
            } else if outcome.keyFailures[index] != nil {
                results[index] = .unreachable
            } else if !outcome.failures.isEmpty, outcome.failures[position(of: index, in: keys)] != nil {
                results[index] = .unreachable
            } else {
                results[index] = negative
            }
        }
        return response(results, keys, failures: outcome.failures, keyFailures: outcome.keyFailures)
    }

    private final func response(
        _ results: [MemcachedResponse.Result],
        _ keys: KeyList,
        failures: [Int: MemcachedError],
        keyFailures: [Int: MemcachedError]
    ) -> MemcachedResponse {
        if _fastPath(failures.isEmpty && keyFailures.isEmpty) { return MemcachedResponse(.many(results)) }
        let (list, isTotal) = inOrder(failures, keyFailures, keys)
        return MemcachedResponse(results, failures: list, noServerAnswered: isTotal)
    }
}

/// Collects what a multi-get has found.
private struct ResultSink: ItemSink {
    var results: [MemcachedResponse.Result]
    private let withBytes: Bool

    init(count: Int, withBytes: Bool) {
        results = Array(repeating: .missing, count: count)
        self.withBytes = withBytes
    }

    mutating func take(_ bytes: RawSpan, of index: Int, flags: Flags, cas: CAS) {
        results[index] = .found(.init(bytes: withBytes ? Array(copying: bytes) : [], flags: flags, cas: cas))
    }
}

extension StoreCondition {
    fileprivate var command: StoreCommand {
        switch self {
        case .always: .set
        case .ifAbsent: .add
        case .ifPresent: .replace
        }
    }
}

extension Counting {
    init(_ operation: Operation, _ step: CounterStep) {
        self.init(
            operation: operation,
            delta: step.delta,
            start: step.initial.map { Start(value: $0, expiration: step.time.wireValue()) }
        )
    }
}

extension MemcachedResponse.Value {
    /// A copy of the fetched value.
    @inline(__always)
    init(_ lease: Lease) {
        self.init(bytes: lease.withSpan { Array(copying: $0) }, flags: lease.flags, cas: lease.cas)
    }
}
