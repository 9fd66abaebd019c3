internal import CLibMemcached

/// The outcome of a multi-key call.
struct ManyOutcome {
    /// The indices of the keys whose operation did not succeed, in order.
    var failed: [Int] = []
    /// The servers that failed; their keys are among the failed ones.
    var failures: [Int: MemcachedError] = [:]
    /// Refusals of single items by working servers.
    var refusals: [Int: MemcachedError] = [:]
    /// The errors of keys whose server answered with an error line, as a proxy does for some of its servers.
    var keyFailures: [Int: MemcachedError] = [:]
}

extension Handle {
    /// Stores many values, in the binary protocol without a round trip each.
    func storeMany(
        _ command: StoreCommand,
        _ keys: KeyList,
        _ values: StoredValues,
        expiration: UInt32,
        isQuiet: Bool
    ) -> ManyOutcome {
        let isLimited = limitCall(until: keys.endOfCall)
        defer { unlimitCall(isLimited) }
        guard traits.isBinary, !isQuiet, !traits.usesUDP else {
            return each(keys) { index, key, routing throws(MemcachedError) in
                try values.withValue(index) { value, flags throws(MemcachedError) in
                    try store(
                        command,
                        key,
                        routing: routing,
                        value,
                        flags: flags,
                        expiration: expiration,
                        isQuiet: isQuiet
                    )
                }
            }
        }
        if var outcome = storeInText(command, keys, values, expiration: expiration) {
            outcome.nameSizes(keys.operation) { index in values.withValue(index) { value, _ in value.byteCount } }
            return outcome
        }
        var outcome = pipeline(command == .set ? .set : .unbuffered, keys) { index in
            keys.withKey(index) { key, routing in
                values.withValue(index) { value, flags in
                    // Longer values are truncated by the library (hazard 46).
                    guard value.byteCount <= Self.largestSafeValue else { return Pipeline.notSent }
                    return send(command, key, routing: routing, value, flags: flags, expiration: expiration)
                }
            }
        }
        outcome.nameSizes(keys.operation) { index in values.withValue(index) { value, _ in value.byteCount } }
        return outcome
    }

    /// Stores the values of several callers, each with its own expiration.
    func storeEach(_ keys: KeyList, _ values: [Payload], expirations: [UInt32]) -> ManyOutcome {
        guard keys.count > 1, traits.isBinary, !traits.isQuiet else {
            return each(keys) { index, key, routing throws(MemcachedError) in
                try values[index].bytes.withRawSpan { value throws(MemcachedError) in
                    try store(
                        .set,
                        key,
                        routing: routing,
                        value,
                        flags: values[index].flags,
                        expiration: expirations[index],
                        isQuiet: traits.isQuiet
                    )
                }
            }
        }
        var outcome = pipeline(.set, keys) { index in
            keys.withKey(index) { key, routing in
                values[index].bytes.withRawSpan { value in
                    guard value.byteCount <= Self.largestSafeValue else { return MEMCACHED_E2BIG }
                    return send(
                        .set,
                        key,
                        routing: routing,
                        value,
                        flags: values[index].flags,
                        expiration: expirations[index]
                    )
                }
            }
        }
        outcome.nameSizes(.set) { values[$0].bytes.count }
        return outcome
    }

    /// Deletes many items, in the binary protocol without a round trip each.
    func deleteMany(_ keys: KeyList, isQuiet: Bool) -> ManyOutcome {
        let isLimited = limitCall(until: keys.endOfCall)
        defer { unlimitCall(isLimited) }
        let call = startCall(asksAtOnce: false)
        defer { endCall(call) }
        guard keys.count > 1, traits.isBinary, !traits.usesUDP else {
            return each(keys) { _, key, routing throws(MemcachedError) in
                try delete(key, routing: routing, isQuiet: isQuiet)
            }
        }
        if let run = runInText(keys, "delete ", success: "DELETED", { $1.collect("\r\n") }) { return run.outcome }
        return pipeline(.delete, keys) { index in
            keys.withKey(index) { key, routing in sendDelete(key, routing) }
        }
    }

    /// Sets when many items expire.
    func touchMany(_ keys: KeyList, expiration: UInt32) -> ManyOutcome {
        let isLimited = limitCall(until: keys.endOfCall)
        defer { unlimitCall(isLimited) }
        let call = startCall(asksAtOnce: false)
        defer { endCall(call) }
        guard traits.isBinary, !traits.usesUDP else {
            return each(keys) { _, key, routing throws(MemcachedError) in
                try touch(key, routing: routing, expiration: expiration)
            }
        }
        if let run = touchInText(keys, expiration) { return run.outcome }
        return pipeline(.unbuffered, keys) { index in
            keys.withKey(index) { key, routing in sendTouch(key, routing, expiration) }
        }
    }

    private func touchInText(_ keys: KeyList, _ expiration: UInt32) -> TextRun? {
        // In the text protocol it is a number with a sign.
        guard expiration <= Int32.max else { return nil }
        let rest = Array(" \(expiration)\r\n".utf8)
        return runInText(keys, "touch ", success: "TOUCHED") { _, stream in rest.withRawSpan { stream.collect($0) } }
    }

    private func countInText(_ change: Counting, _ keys: KeyList) -> TextRun? {
        // Missing counters are created one after the other.
        guard change.start == nil else { return nil }
        let rest = Array(" \(change.delta)\r\n".utf8)
        return runInText(keys, change.goesUp ? "incr " : "decr ", success: nil) { _, stream in
            rest.withRawSpan { stream.collect($0) }
        }
    }

    /// Counts many items up or down, one after the other.
    ///
    /// They can't be pipelined like the others: the library ends the process when a counter command reads a refusal.
    func countMany(_ change: Counting, _ keys: KeyList) -> (outcome: ManyOutcome, values: [UInt64?]) {
        let isLimited = limitCall(until: keys.endOfCall)
        defer { unlimitCall(isLimited) }
        let call = startCall(asksAtOnce: false)
        defer { endCall(call) }
        if let run = countInText(change, keys) { return (run.outcome, run.values) }
        var values = [UInt64?](repeating: nil, count: keys.count)
        let outcome = each(keys) { index, key, routing throws(MemcachedError) in
            values[index] = try count(change, key, routing: routing)
            return values[index] != nil
        }
        return (outcome, values)
    }

    // MARK: - One after the other

    /// Runs a command for each key.
    ///
    /// A server that fails to answer is not asked for its other keys; a server that answers with error lines is.
    private func each(
        _ keys: KeyList,
        _ run: (_ index: Int, _ key: RawSpan, _ routing: RawSpan) throws(MemcachedError) -> Bool
    ) -> ManyOutcome {
        let call = startCall(asksAtOnce: false)
        defer { endCall(call) }
        var outcome = ManyOutcome()
        var budget = ErrorLineBudget(limit: errorLineLimit)
        var givenUp: [Int: MemcachedError] = [:]
        for index in 0..<keys.count {
            keys.withKey(index) { key, routing in
                if !outcome.failures.isEmpty, outcome.failures[position(of: routing)] != nil {
                    return outcome.failed.append(index)
                }
                if !givenUp.isEmpty, let error = givenUp[position(of: routing)] {
                    outcome.keyFailures[index] = error.about(key)
                    return outcome.failed.append(index)
                }
                do throws(MemcachedError) {
                    if try !run(index, key, routing) { outcome.failed.append(index) }
                } catch {
                    outcome.failed.append(index)
                    let position = position(of: routing)
                    if error.isAboutOneItem {
                        outcome.refusals[index] = error
                    } else if error.isErrorLine {
                        outcome.keyFailures[index] = error
                        if !budget.lasts(at: position, middle: middleOfCall) { givenUp[position] = error }
                    } else {
                        outcome.failures[position] = error
                    }
                }
            }
        }
        return outcome
    }

    // MARK: - Pipelined

    private func pipeline(
        _ command: Pipeline.Command,
        _ keys: KeyList,
        send: Pipeline.Send
    ) -> ManyOutcome {
        let call = startCall()
        defer { endCall(call) }
        var outcome = ManyOutcome()
        var pipeline = Pipeline(command, keys, on: self)
        var groups = groups(of: keys, keys.indices, leavingOut: &outcome.failures)
        if command != .set { groups = look(at: groups, of: keys, leavingOut: &outcome.failures) }
        pipeline.run(groups, send)

        // Requests that were in flight on a connection that broke are sent once more, if that has the same effect. A
        // kept connection may have died unnoticed long ago.
        let ejectsServers = traits.ejectsServers
        var first = pipeline.failures
        var last = first
        var rounds = command == .set ? (ejectsServers ? 4 : 1) : 0
        let mayPass = { (error: MemcachedError) in error.isBrokenConnection || ejectsServers && error.isRetriable }
        while rounds > 0, first.values.contains(where: mayPass) {
            rounds -= 1
            let lost = keys.indices.filter { pipeline.isUnknown($0) && mayGoAgain(keys, $0, first) }
            if lost.isEmpty { break }
            pipeline.forgetFailures()
            pipeline.run(groupsToRepeat(of: keys, lost, after: first, leavingOut: &outcome.failures), send)
            first.merge(pipeline.failures) { $0.afterRepetition($1) }
            last.merge(pipeline.failures) { _, last in last }
            if pipeline.failures.isEmpty { break }
        }

        for index in keys.indices where !pipeline.isDone(index) {
            outcome.failed.append(index)
            guard pipeline.isUnknown(index) else {
                outcome.refusals[index] = refusal(pipeline.status[index], keys, index)
                continue
            }
            let position = keys.withKey(index) { _, routing in self.position(of: routing) }
            guard outcome.failures[position] == nil, let first = first[position] else { continue }
            outcome.failures[position] = concluding(first, last[position] ?? first, at: position)
        }
        return outcome
    }

    /// Why a server that works did not store an item; nil if the item simply did not exist.
    private func refusal(_ code: memcached_return_t, _ keys: KeyList, _ index: Int) -> MemcachedError? {
        if code == MEMCACHED_NOTFOUND || code == MEMCACHED_NOTSTORED || code == MEMCACHED_DATA_EXISTS { return nil }
        return MemcachedError(
            code: .init(rawValue: code.rawValue),
            operation: keys.operation,
            detail: sentence(for: code),
            key: keys.text(index),
            server: keys.withKey(index) { _, routing in servers[position(of: routing)] }
        )
    }

    private func mayGoAgain(_ keys: KeyList, _ index: Int, _ failures: [Int: MemcachedError]) -> Bool {
        let position = keys.withKey(index) { _, routing in self.position(of: routing) }
        // With failover the key may belong to another server by now.
        guard let error = failures[position] else { return true }
        return error.isBrokenConnection || (traits.ejectsServers && !error.isTimeout)
    }

    /// The keys by their servers, without those that are not to be sent anything any more.
    private func groupsToRepeat(
        of keys: KeyList,
        _ indices: [Int],
        after first: [Int: MemcachedError],
        leavingOut failures: inout [Int: MemcachedError]
    ) -> [(position: Int, indices: [Int])] {
        groups(of: keys, indices, leavingOut: &failures).filter { position, _ in
            guard let refusal = refusalOfTextServer(position, keys.operation) else { return true }
            failures[position] = first[position] ?? refusal
            return false
        }
    }

    /// The keys by their servers, without the servers that keep timing out.
    private func groups(
        of keys: KeyList,
        _ indices: some Collection<Int>,
        leavingOut failures: inout [Int: MemcachedError]
    ) -> [(position: Int, indices: [Int])] {
        if mustSettle { settleBefore() }
        forgetFailedConnection()
        refreshPlacement()
        var groups: [Int: [Int]] = [:]
        if servers.count == 1 {
            groups[0] = Array(indices)
        } else {
            for index in indices {
                let position = keys.withKey(index) { _, routing in self.position(of: routing) }
                groups[position, default: []].append(index)
            }
        }
        if !stalls.isEmpty {
            for (position, indices) in groups {
                if stalls.isClosed(to: position) {
                    failures[position] = keys.withKey(indices[0]) { key, _ in
                        self.stalled(position, keys.operation, key: key)
                    }
                    groups[position] = nil
                } else {
                    stalls.ask(position)
                }
            }
        }
        return groups.sorted { $0.key < $1.key }.map { (position: $0.key, indices: $0.value) }
    }
}

extension Pipeline {
    func isUnknown(_ index: Int) -> Bool { status[index] == Self.unknown }
    func isDone(_ index: Int) -> Bool { status[index] == MEMCACHED_SUCCESS }
}

extension MemcachedError {
    /// Whether the error says nothing about the server and its other items.
    var isAboutOneItem: Bool {
        switch code {
        case .tooBig, .notNumeric, .memoryAllocationFailure, .serverMemoryAllocationFailure, .casConflict: true
        default: false
        }
    }
}
