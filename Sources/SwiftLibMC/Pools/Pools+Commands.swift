// Pools are caches, too: each command borrows a client.

extension ClientPool: MemcachedCommands {
    /// Has a client of the pool carry out a request; waits for one if all are taken, as ``withClient(timeout:_:)``
    /// does.
    ///
    /// It blocks the thread, so it is not for asynchronous code; that has ``AsyncClient``.
    ///
    /// - Throws: What ``Client/execute(_:)`` throws, and `.poolExhausted`, `.shutdown`.
    public func execute(_ request: MemcachedRequest) throws(MemcachedError) -> MemcachedResponse {
        try withAnyClient(request.operation) { client in
            Result { () throws(MemcachedError) in try client.execute(request) }
        }.get()
    }

    /// The codec of the pool's clients.
    public var codec: any ValueCodec { source.codec ?? PoolCodec(pool: self, format: source.format) }

    /// The policies of the client that the pool was made from.
    public var policies: CommandPolicies { source.policies }
}

extension ThreadMappedPool: MemcachedCommands {
    /// Has the calling thread's client carry out a request.
    ///
    /// It blocks the thread, so it is not for asynchronous code; that has ``AsyncClient``.
    ///
    /// - Throws: What ``Client/execute(_:)`` and ``Client/clone()`` throw.
    public func execute(_ request: MemcachedRequest) throws(MemcachedError) -> MemcachedResponse {
        try withAnyClient(request.operation) { client in
            Result { () throws(MemcachedError) in try client.execute(request) }
        }.get()
    }

    /// The codec of the pool's clients.
    public var codec: any ValueCodec { source.codec ?? PoolCodec(pool: self, format: source.format) }

    /// The policies of the client that the pool was made from.
    public var policies: CommandPolicies { source.policies }
}

/// A pool that lends its clients to this library's own code.
protocol ClientLending {
    /// Borrows a client, or throws why there is none; gives it back when `body` has ended.
    func withAnyClient<R>(
        _ operation: Operation,
        _ body: (Client) -> R
    ) throws(MemcachedError) -> R
}

/// The codec of a pool whose class has hooks of its own: each conversion borrows a client.
private struct PoolCodec<Pool: ClientLending>: ValueCodec {
    let pool: Pool
    let format: FormatCodec

    func serialize<V: Encodable>(_ value: V) throws -> Payload {
        try pool.withAnyClient(.set) { client in Result { try client.serialize(value) } }.get()
    }

    func deserialize<V: Decodable>(_ bytes: RawSpan, flags: Flags, as type: V.Type) throws -> V {
        try pool.withAnyClient(.get) { client in
            Result { try client.deserialize(bytes, flags: flags, as: type) }
        }.get()
    }

    func compress(
        _ payload: Payload,
        _ options: StoreOptions,
        for operation: Operation
    ) throws(MemcachedError) -> Payload {
        try format.compress(payload, options, for: operation)
    }

    func inflate(
        _ value: MemcachedResponse.Value,
        for operation: Operation,
        key: @autoclosure () -> String
    ) throws(MemcachedError) -> MemcachedResponse.Value {
        try format.inflate(value, for: operation, key: key())
    }
}
