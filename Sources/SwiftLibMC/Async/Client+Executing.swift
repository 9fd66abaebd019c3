// What the thread of an asynchronous client does with a group of calls of one kind. Each gets its own answer.

extension Client {
    /// Carries out calls that can be sent together, and calls `meanwhile`, if there is time for it, while the servers
    /// are at work.
    final func execute(_ group: [QueuedCall], meanwhile: () -> Void) {
        guard let first = group.first else { return }
        switch first.kind {
        case .read: if group.count == 1 { readAlone(first) } else { read(group, meanwhile) }
        case .store: store(group)
        case .delete: delete(group)
        case .other: run(first)
        }
    }

    private final func run(_ call: QueuedCall) {
        guard call.start() else { return }
        do throws(MemcachedError) {
            if let job = call.job { try job(self) } else { call.ownResponse = try carryOut(call.request) }
            call.finish()
        } catch {
            call.finish(error)
        }
    }

    /// The keys of the calls whose callers still wait, and these calls.
    private final func begin(_ group: [QueuedCall], _ operation: Operation) -> (keys: KeyList, calls: [QueuedCall]) {
        let (keys, calls) = list(group, operation, starting: true)
        do throws(MemcachedError) {
            try handle.detectProtocols(of: keys)
            return (keys, calls)
        } catch {
            // From now on the text protocol is spoken, which can't carry one of the keys.
            return list(calls, operation, starting: false)
        }
    }

    private final func list(
        _ group: [QueuedCall],
        _ operation: Operation,
        starting: Bool
    ) -> (keys: KeyList, calls: [QueuedCall]) {
        let isGrouped = group.contains { $0.isGrouped }
        let keys = KeyList(operation, rules: handle.traits.keyRules, prefix: nil, count: group.count)
        // Without those that drop out; mostly none does.
        var calls: [QueuedCall]?
        for (place, call) in group.enumerated() {
            var isTaken = !starting || call.start(isResumedLater: group.isLarge)
            if isTaken {
                do throws(MemcachedError) {
                    try call.request.keys.withKeyBytes(of: 0) { key, routing throws(MemcachedError) in
                        if isGrouped { try keys.append(key, route: routing) } else { try keys.append(key) }
                    }
                } catch {
                    call.finish(error)
                    isTaken = false
                }
            }
            if isTaken { calls?.append(call) } else if calls == nil { calls = Array(group[..<place]) }
        }
        return (keys, calls ?? group)
    }

    // MARK: - Reading

    private final func read(_ group: [QueuedCall], _ meanwhile: () -> Void) {
        let (keys, calls) = begin(group, .get)
        if calls.isEmpty { return }
        let withVersion = calls.contains { $0.reading.withVersion }
        let isConverted = calls.contains { $0.reading.type != nil }
        let run: MultiGet
        do throws(MemcachedError) {
            run = try fetch(keys, calls, withVersion: withVersion, finishing: !isConverted, meanwhile)
        } catch {
            for call in calls { call.finish(error) }
            return
        }
        for (index, call) in calls.enumerated() {
            if call.isFound {
                if isConverted { convert(call) }
            } else if let failure = run.failure(index) {
                call.finish(failure)
            } else {
                call.finish(.missing)
            }
        }
    }

    /// Fetches what there is, and finishes those calls whose answers need no more work.
    private final func fetch(
        _ keys: KeyList,
        _ calls: [QueuedCall],
        withVersion: Bool,
        finishing: Bool,
        _ meanwhile: () -> Void
    ) throws(MemcachedError) -> MultiGet {
        var run = MultiGet(keys, on: handle, withCAS: withVersion)
        var sink = CallSink(calls, finishing: finishing)
        try run.run(into: &sink, meanwhile: meanwhile)
        return run
    }

    /// One read alone takes the shorter path through the library.
    private final func readAlone(_ call: QueuedCall) {
        guard call.start() else { return }
        do throws(MemcachedError) {
            try call.request.keys.withKeyBytes(of: 0) { key, routing throws(MemcachedError) in
                guard
                    let lease = try handle.lease(key, routing: routing, for: .get, withCAS: call.reading.withVersion)
                else { return }
                defer { handle.giveBack(lease) }
                call.receive { MemcachedResponse.Value(lease) }
            }
        } catch {
            return call.finish(error)
        }
        if call.isFound { convert(call) } else { call.finish(.missing) }
    }

    /// Finishes a call that has found something; runs the hook on it if the class has one.
    private final func convert(_ call: QueuedCall) {
        if call.reading.type != nil {
            var response = call.response
            convert(&response, of: call.request, call.reading)
            call.ownResponse = response
        }
        call.finish()
    }

    // MARK: - Storing and deleting

    private final func store(_ group: [QueuedCall]) {
        let ready = group.filter(encode)
        let (keys, calls) = begin(ready, .set)
        if calls.isEmpty { return }
        let expirations = calls.map { call in
            if case .store(_, _, let writing) = call.request.action { writing.time.wireValue() } else { UInt32(0) }
        }
        finish(calls, keys, handle.storeEach(keys, calls.map(\.payload), expirations: expirations))
    }

    /// Encodes the value to store, by the hook if the class has one; false if that failed, and the caller has been
    /// told.
    private final func encode(_ call: QueuedCall) -> Bool {
        guard case .store(.one(let value), _, _) = call.request.action, !call.isFinished else { return true }
        do throws(MemcachedError) {
            call.payload = try hooks.encode(value, for: call.request.operation)
            return true
        } catch {
            if call.start() { call.finish(error) }
            return false
        }
    }

    private final func delete(_ group: [QueuedCall]) {
        let (keys, calls) = begin(group, .delete)
        if calls.isEmpty { return }
        finish(calls, keys, handle.deleteMany(keys, isQuiet: false))
    }

    private final func finish(_ calls: [QueuedCall], _ keys: KeyList, _ outcome: ManyOutcome) {
        var failed = outcome.failed[...]
        for (index, call) in calls.enumerated() {
            guard failed.first == index else {
                call.finish(.done)
                continue
            }
            failed.removeFirst()
            let position = keys.withKey(index) { _, routing in handle.position(of: routing) }
            if let error = outcome.refusals[index] ?? outcome.keyFailures[index] ?? outcome.failures[position] {
                call.finish(error)
            } else {
                call.finish(call.kind == .store ? .declined : .missing)
            }
        }
    }
}

extension QueuedCall {
    /// Notes that the item was found, and keeps its value if that is wanted.
    @inline(__always)
    fileprivate func receive(_ value: () -> MemcachedResponse.Value) {
        receive(reading.withBytes ? value() : MemcachedResponse.Value(bytes: [], flags: .bytes))
    }
}

/// Gives the items of a multi-get to the calls for them.
private struct CallSink: ItemSink {
    private let calls: [QueuedCall]
    private let finishing: Bool
    private var values: SharedValues

    init(_ calls: [QueuedCall], finishing: Bool) {
        self.calls = calls
        self.finishing = finishing
        values = SharedValues(expecting: calls.count)
    }

    mutating func take(_ bytes: RawSpan, of index: Int, flags: Flags, cas: CAS) {
        let call = calls[index]
        call.receive { values.keep(bytes, flags, cas) }
        if finishing { call.finish() }
    }
}
