// What the thread of an asynchronous client does with a group of requests of one kind. Each gets its own answer.

extension Client {
    /// Executes requests that can go out together, and calls `meanwhile`, if there is time for it, while the servers are
    /// at work.
    final func execute(_ group: [Request], meanwhile: () -> Void) {
        guard let first = group.first else { return }
        switch first.kind {
        case .read: if group.count == 1 { readAlone(first) } else { read(group, meanwhile) }
        case .store: store(group)
        case .delete: delete(group)
        case .other: run(first)
        }
    }

    private final func run(_ request: Request) {
        guard case .job(let job) = request.work, request.start() else { return }
        do throws(MemcachedError) {
            try job(self)
            request.finish()
        } catch {
            request.finish(error)
        }
    }

    /// The keys of the requests that somebody still waits for, and these requests.
    private final func begin(_ group: [Request], _ operation: Operation) -> (keys: KeyList, requests: [Request]) {
        let isGrouped = group.contains { $0.key?.isGrouped ?? false }
        let keys = KeyList(operation, rules: handle.traits.keyRules, prefix: nil, count: group.count)
        var requests: [Request] = []
        requests.reserveCapacity(group.count)
        for request in group {
            guard let key = request.key, request.start(isToldLater: group.isLarge) else { continue }
            do throws(MemcachedError) {
                try key.withKeyBytes { key, routing throws(MemcachedError) in
                    if isGrouped { try keys.append(key, route: routing) } else { try keys.append(key) }
                }
                requests.append(request)
            } catch {
                fail(request, error)
            }
        }
        return (keys, requests)
    }

    // MARK: - Reading

    private final func read(_ group: [Request], _ meanwhile: () -> Void) {
        let (keys, requests) = begin(group, .get)
        if requests.isEmpty { return }
        var withVersion = false
        var isHooked = false
        for request in requests {
            guard case .read(let reading, let decode) = request.work else { continue }
            withVersion = withVersion || reading.withVersion
            isHooked = isHooked || decode != nil
        }
        let run: MultiGet
        do throws(MemcachedError) {
            run = try fetch(keys, requests, withVersion: withVersion, finishing: !isHooked, meanwhile)
        } catch {
            for request in requests { fail(request, error) }
            return
        }
        for (index, request) in requests.enumerated() {
            if request.isPositive {
                if isHooked { decode(request) }
            } else if let failure = run.failure(index) {
                fail(request, failure)
            } else {
                miss(request)
            }
        }
    }

    /// Fetches what there is, and finishes those requests whose answers need no more work.
    private final func fetch(
        _ keys: KeyList,
        _ requests: [Request],
        withVersion: Bool,
        finishing: Bool,
        _ meanwhile: () -> Void
    ) throws(MemcachedError) -> MultiGet {
        try handle.refuseReadsOverUDP(keys)
        var run = MultiGet(keys, on: handle, for: .get, withCAS: withVersion)
        var sink = RequestSink(requests, finishing: finishing)
        try run.run(into: &sink, meanwhile: meanwhile)
        return run
    }

    /// One read alone takes the shorter way through the library.
    private final func readAlone(_ request: Request) {
        guard let key = request.key, case .read(let reading, let decode) = request.work, request.start() else { return }
        do throws(MemcachedError) {
            try key.withKeyBytes { key, routing throws(MemcachedError) in
                guard
                    let lease = try handle.lease(key, routing: routing, for: .get, withCAS: reading.withVersion)
                else { return }
                defer { handle.giveBack(lease) }
                request.receive(finishing: decode == nil) {
                    FoundValue(lease.withSpan { Array(copying: $0) }, lease.flags, lease.cas)
                }
            }
        } catch {
            return fail(request, error)
        }
        if !request.isPositive { miss(request) } else if decode != nil { self.decode(request) }
    }

    /// Runs the hook on what was read.
    private final func decode(_ request: Request) {
        guard case .read(_, let decode?) = request.work else { return request.finish() }
        do throws(MemcachedError) {
            request.isPositive = try decode(self, request.item)
            if request.isPositive { request.finish() } else { miss(request) }
        } catch {
            fail(request, error)
        }
    }

    // MARK: - Storing and deleting

    private final func store(_ group: [Request]) {
        let ready = group.filter(encode)
        let (keys, requests) = begin(ready, .set)
        if requests.isEmpty { return }
        let expirations = requests.map { request in
            if case .store(let time, _) = request.work { time.wireValue() } else { UInt32(0) }
        }
        let outcome = handle.storeEach(keys, requests.map(\.payload), expirations: expirations)
        finish(requests, keys, outcome)
    }

    /// Runs the hook on what is to be stored; false if that failed, and the caller has been told.
    private final func encode(_ request: Request) -> Bool {
        guard case .store(_, let encode?) = request.work, !request.isFinished else { return true }
        do throws(MemcachedError) {
            request.payload = try encode(self)
            return true
        } catch {
            if request.start() { fail(request, error) }
            return false
        }
    }

    private final func delete(_ group: [Request]) {
        let (keys, requests) = begin(group, .delete)
        if requests.isEmpty { return }
        finish(requests, keys, handle.deleteMany(keys, isQuiet: false))
    }

    private final func finish(_ requests: [Request], _ keys: KeyList, _ outcome: ManyOutcome) {
        var failed = outcome.failed[...]
        for (index, request) in requests.enumerated() {
            guard failed.first == index else {
                request.isPositive = true
                request.finish()
                continue
            }
            failed.removeFirst()
            let position = keys.withKey(index) { _, routing in handle.position(of: routing) }
            if let error = outcome.refusals[index] ?? outcome.keyFailures[index] ?? outcome.failures[position] {
                fail(request, error)
            } else {
                miss(request)
            }
        }
    }

    // MARK: - Misses and failures, as the policies want them

    private final func miss(_ request: Request) {
        if outcomes == .throwing, !request.isPlain, let code = request.operation.outcome {
            request.finish(MemcachedError(outcome: code, request.operation, key: request.key?.text))
        } else {
            request.finish()
        }
    }

    private final func fail(_ request: Request, _ error: MemcachedError) {
        if !request.isPlain, errorPolicy.forgives(error) {
            onError?(request.named(error))
            request.isPositive = false
            request.finish()
        } else {
            request.finish(error)
        }
    }
}

extension Operation {
    /// What a miss is where misses are errors.
    fileprivate var outcome: MemcachedError.Code? {
        switch self {
        case .get, .gets, .item, .withBytes: .noValue
        case .delete: .notFound
        case .set: .notStored
        default: nil
        }
    }
}

extension Request {
    /// Notes that the item was found, and keeps its value if that is wanted.
    @inline(__always)
    fileprivate func receive(finishing: Bool, _ value: () -> FoundValue) {
        if case .read(let reading, _) = work, reading.withBytes { found = value() }
        isPositive = true
        if finishing { finish() }
    }
}

/// Gives the items of a multi-get to the requests for them.
private struct RequestSink: ItemSink {
    private let requests: [Request]
    private let finishing: Bool
    private var store: FoundValue.Store

    init(_ requests: [Request], finishing: Bool) {
        self.requests = requests
        self.finishing = finishing
        store = FoundValue.Store(expecting: requests.count)
    }

    mutating func take(_ bytes: RawSpan, of index: Int, flags: Flags, cas: CAS) {
        requests[index].receive(finishing: finishing) { FoundValue(bytes, flags, cas, in: &store) }
    }
}
