/// The hooks of a client as a codec, which converts its values wherever the client is wrapped.
///
/// One word, so that it takes no allocation as `any ValueCodec`.
struct ClientHooks: ValueCodec {
    let client: Client

    var isStandard: Bool { client.bypassesHooks }

    func serialize<V: Encodable>(_ value: V) throws -> Payload { try client.serialize(value) }

    func deserialize<V: Decodable>(_ bytes: RawSpan, flags: Flags, as type: V.Type) throws -> V {
        try client.deserialize(bytes, flags: flags, as: type)
    }

    func compress(
        _ payload: Payload,
        _ options: StoreOptions,
        for operation: Operation
    ) throws(MemcachedError) -> Payload {
        guard let compression = try client.compression(options, operation) else { return payload }
        return client.deflate.compressed(payload, compression, client.packing)
    }

    func inflate(
        _ value: MemcachedResponse.Value,
        for operation: Operation,
        key: @autoclosure () -> String
    ) throws(MemcachedError) -> MemcachedResponse.Value {
        guard _slowPath(client.packing.isPacked(value.flags)) else { return value }
        let limit = client.maxInflatedBytes
        return try client.deflate.inflated(value, client.packing, limit: limit, key: key(), operation)
    }
}

extension Client {
    /// The codec of the client's values: the hooks, with the client's compression.
    public final var codec: any ValueCodec { ClientHooks(client: self) }

    /// How the client reports misses and failures, from its properties.
    public final var policies: CommandPolicies {
        .init(errors: errorPolicy, outcomes: outcomes, partialFailures: partialFailures, onError: onError)
    }

    final var hooks: ClientHooks { ClientHooks(client: self) }
}
