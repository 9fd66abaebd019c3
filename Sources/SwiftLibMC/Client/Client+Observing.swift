// The commands of an observed client. Without an observer no command comes here.

extension Client {
    /// Carries out a request and tells the observer.
    @inline(never)
    final func observed(_ request: MemcachedRequest) throws(MemcachedError) -> MemcachedResponse {
        try observed(request) { () throws(MemcachedError) in try carryOut(request) }
    }

    private final func observed(
        _ request: MemcachedRequest,
        _ body: () throws(MemcachedError) -> MemcachedResponse
    ) throws(MemcachedError) -> MemcachedResponse {
        guard let observer else { return try body() }
        return try observer.observe(request, at: request.keys.list.isOne ? server(of: request) : nil) {
            () throws(MemcachedError) in
            defer { tellObserverOfServers() }
            return try body()
        }
    }

    /// Fetches a value, and tells an observer that only needs numbers.
    @inline(never)
    final func counted(
        _ key: RawSpan,
        _ routing: RawSpan,
        _ operation: Operation
    ) throws(MemcachedError) -> Lease? {
        func fetch() throws(MemcachedError) -> Lease? { try handle.lease(key, routing: routing, for: operation) }
        func request() -> MemcachedRequest {
            MemcachedRequest(operation, keys: .init(.one(.init(key, in: routing))), .fetch(.init()))
        }
        guard let counter else { return try fetch() }
        guard counter.began(operation) else {
            var lease: Lease?
            _ = try observed(request()) { () throws(MemcachedError) in
                lease = try fetch()
                return MemcachedResponse(.one(lease.map { .found(.init($0)) } ?? .missing))
            }
            return lease
        }
        let start = Moment.now
        do throws(MemcachedError) {
            let lease = try fetch()
            let nanoseconds = Int64((Moment.now - start).nanoseconds)
            tellObserverOfServers()
            counter.ended(
                CommandNumbers(
                    operation: operation,
                    isHit: lease != nil,
                    bytesRead: lease?.count ?? 0,
                    nanoseconds: nanoseconds
                )
            )
            return lease
        } catch {
            let duration = Duration.nanoseconds(Int64((Moment.now - start).nanoseconds))
            tellObserverOfServers()
            let request = request()
            counter.ended(CommandEvent(request, .failure(request.named(error)), at: server(of: request), duration), nil)
            throw error
        }
    }

    /// Tells the observer which servers have been given up, and which are asked again.
    @inline(__always)
    final func tellObserverOfServers() {
        if _slowPath(handle.needsSettling || !serversGivenUp.isEmpty) { tellObserverOfGivenUpServers() }
    }

    @inline(never)
    private final func tellObserverOfGivenUpServers() {
        guard let observer else { return }
        for (position, server) in servers.enumerated() {
            let isGivenUp = handle.stalls.isGivenUp(position)
            guard isGivenUp != serversGivenUp.contains(server) else { continue }
            if isGivenUp { serversGivenUp.insert(server) } else { serversGivenUp.remove(server) }
            observer.happened(isGivenUp ? .serverGivenUp(server) : .serverTriedAgain(server))
        }
    }

    // The client's own methods, when it is observed.

    @usableFromInline
    final var _isObserved: Bool { isObserved }

    @usableFromInline
    final var _isCounted: Bool { isCounted }

    /// Stores a value whose bytes are at hand.
    @inline(never)
    final func observedStore(
        _ key: RawSpan,
        routing: RawSpan,
        _ value: RawSpan,
        flags: Flags,
        _ options: StoreOptions
    ) throws(MemcachedError) -> Bool {
        let payload = try codec.compress(Payload(bytes: Array(copying: value), flags: flags), options, for: .set)
        return try store(MemcachedRequest.Key(key, in: routing), payload, when: .always, with: options)
    }
}

extension MemcachedRequest.Key {
    /// A key that is lent, together with what chooses its server.
    init(_ key: RawSpan, in routing: RawSpan) { self.init(key, routing.isGroup(of: key) ? routing : nil) }
}
