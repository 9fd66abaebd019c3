extension MockClient: MemcachedCommands {
    /// The mock's format and compression.
    public var codec: any ValueCodec { formatCodec }

    /// Carries out a request as a server would, unless it is to fail.
    public func execute(_ request: MemcachedRequest) throws(MemcachedError) -> MemcachedResponse {
        do throws(MemcachedError) {
            if request.isObservable { state.withLock { $0.note(request) } }
            try request.check()
            return try carryOut(request, at: clock.seconds)
        } catch {
            throw request.named(error)
        }
    }

    private func carryOut(_ request: MemcachedRequest, at now: Double) throws(MemcachedError) -> MemcachedResponse {
        switch request.action {
        case .fetch(let reading):
            try each(request) { store, key, _ in
                if let time = reading.touching?.wireValue(now: Int64(now)) {
                    _ = store.touch(key, expiration: time, now: now)
                }
                guard let (payload, version) = store.read(key, now: now) else { return .missing }
                if !reading.withBytes { return .found(.init(bytes: [], flags: .bytes)) }
                return .found(.init(bytes: payload.bytes, flags: payload.flags, cas: version))
            }
        case .store(let values, let condition, let writing):
            try store(request, values, when: condition, expiration: writing.time.wireValue(now: Int64(now)), now: now)
        case .swap(let value, let cas, let writing):
            try swap(request, value, version: cas, expiration: writing.time.wireValue(now: Int64(now)), now: now)
        case .extend(let bytes, let atEnd, _):
            try each(request) { store, key, _ throws(MockStore.Refusal) in
                try store.extend(key, bytes, atEnd: atEnd, now: now) ? .done : .missing
            }
        case .delete: try delete(request, now)
        case .touch(let time):
            try each(request) { store, key, _ in
                store.touch(key, expiration: time.wireValue(now: Int64(now)), now: now) ? .done : .missing
            }
        case .count(let step):
            try each(request) { store, key, _ throws(MockStore.Refusal) in
                do throws(MockStore.Refusal) {
                    return .counted(try store.count(key, step, now: now))
                } catch {
                    if case .notFound = error { return .missing }
                    throw error
                }
            }
        case .flush, .disconnect, .statistics, .version, .ping: try askServer(request, at: now)
        case .computation: computations.response(to: request.keys)
        case .location: MemcachedResponse(location: server)
        case .decode: try formatCodec.decoding(request)
        }
    }

    private func delete(_ request: MemcachedRequest, _ now: Double) throws(MemcachedError) -> MemcachedResponse {
        // The second of two keys for one item would find nothing left to delete.
        var deleted: Set<[UInt8]> = []
        return try each(request) { store, key, _ in
            if store.delete(key, now: now) { deleted.insert(key) }
            return deleted.contains(key) ? .done : .missing
        }
    }

    private func store(
        _ request: MemcachedRequest,
        _ values: OneOrMany<MemcachedRequest.Value>,
        when condition: StoreCondition,
        expiration: UInt32,
        now: Double
    ) throws(MemcachedError) -> MemcachedResponse {
        let payloads = try values.mapEach { value throws(MemcachedError) in
            try formatCodec.encode(value, for: request.operation)
        }
        return try each(request) { store, key, index throws(MockStore.Refusal) in
            let isStored = try store.store(key, payloads[index], when: condition, expiration: expiration, now: now)
            return isStored ? .done : .declined
        }
    }

    private func swap(
        _ request: MemcachedRequest,
        _ value: MemcachedRequest.Value,
        version cas: CAS,
        expiration: UInt32,
        now: Double
    ) throws(MemcachedError) -> MemcachedResponse {
        try request.checkKeys(keyRules)
        guard cas.rawValue != 0 else {
            throw MemcachedError(
                code: .invalidArguments,
                operation: .cas,
                detail: "the CAS token is zero: it is not one of gets"
            )
        }
        let payload = try formatCodec.encode(value, for: request.operation)
        return try each(request) { store, key, _ throws(MockStore.Refusal) in
            do throws(MockStore.Refusal) {
                let isStored = try store.swap(key, payload, version: cas, expiration: expiration, now: now)
                return isStored ? .done : .declined
            } catch {
                if case .notFound = error { return .missing }
                throw error
            }
        }
    }

    private func askServer(_ request: MemcachedRequest, at now: Double) throws(MemcachedError) -> MemcachedResponse {
        if case .disconnect = request.action { return MemcachedResponse() }
        var failure: MemcachedError?
        do throws(MemcachedError) {
            try perform(request.operation, nil) { _ in }
        } catch {
            failure = error
        }
        if case .ping = request.action { return MemcachedResponse(servers: [.ping(server, failure)]) }
        if let failure { throw failure }
        switch request.action {
        case .flush(let time):
            state.withLock { $0.store.flush(delay: time.flushDelay(now: Int64(now)), now: now) }
            return MemcachedResponse()
        case .statistics(let args):
            let group = try Client.checkStatisticsGroup(args)
            let all = state.withLock { $0.store.statistics.merging(["curr_items": $0.store.count]) { $1 } }
            return MemcachedResponse(servers: [.statistics(server, group == nil ? all.mapValues(String.init) : [:])])
        default: return MemcachedResponse(servers: [.version(server, buildInfo.version)])
        }
    }

    // MARK: - Keys

    /// Does something for each key, after having checked them all.
    ///
    /// Each can fail by itself, as if it had a server of its own.
    private func each(
        _ request: MemcachedRequest,
        _ step: (inout MockStore, _ key: [UInt8], _ index: Int) throws(MockStore.Refusal) -> MemcachedResponse.Result
    ) throws(MemcachedError) -> MemcachedResponse {
        try request.checkKeys(keyRules)
        func result(_ index: Int) throws(MemcachedError) -> MemcachedResponse.Result {
            let key = request.keys.withKeyBytes(of: index) { key, _ in Array(copying: key) }
            return try perform(request.operation, key) { store throws(MockStore.Refusal) in try step(&store, key, index)
            }
        }
        if request.keys.list.isOne { return MemcachedResponse(.one(try result(0))) }
        var failures: [MemcachedResponse.Failure] = []
        var results: [MemcachedResponse.Result] = []
        for index in request.keys.list.indices {
            do throws(MemcachedError) {
                results.append(try result(index))
            } catch {
                var error = error
                error.key = request.keys.list[index].text
                if error.code == .tooBig || error.code == .notNumeric {
                    results.append(.refused(error))
                } else {
                    results.append(.unreachable)
                    failures.append(.init(server: server, error: error))
                }
            }
        }
        return MemcachedResponse(.many(results), failures: failures)
    }

    /// Runs a command, unless it is to fail, and turns its refusals into errors.
    private func perform<R>(
        _ operation: Operation,
        _ key: [UInt8]?,
        _ command: (inout MockStore) throws(MockStore.Refusal) -> R
    ) throws(MemcachedError) -> R {
        try state.withLock { state throws(MemcachedError) in
            let text = key.map { String(decoding: $0, as: UTF8.self) }
            if let failure = state.nextFailure(operation, text) { throw complete(failure, operation, text) }
            do throws(MockStore.Refusal) {
                return try command(&state.store)
            } catch {
                throw complete(error.error, operation, text)
            }
        }
    }

    private func complete(_ error: MemcachedError, _ operation: Operation, _ key: String?) -> MemcachedError {
        var error = error
        error.operation = operation.rawValue
        error.key = key
        error.server = server
        return error
    }
}
