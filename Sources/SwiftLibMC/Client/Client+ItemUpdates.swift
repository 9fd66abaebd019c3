extension Client {
    /// Gives an item a new value if it has not changed since it was read: `set` of memcached2's values.
    ///
    /// - Parameters:
    ///   - item: An item from ``item(_:)`` or ``items(_:keyPrefix:)``, of the latter without `keyPrefix`.
    ///   - value: What to store.
    ///   - time: When the item expires.
    ///   - minCompressLen: As in ``set(_:_:time:minCompressLen:compressLevel:noreply:)``.
    ///   - compressLevel: As in ``set(_:_:time:minCompressLen:compressLevel:noreply:)``.
    /// - Returns: False if the item has changed. Its version is used up: read it again before the next try.
    /// - Throws: `.notFound` if there is no such item any more, `.serialization`, `.tooBig`, or a failure of the server.
    @discardableResult
    public final func set<V: Encodable>(
        _ item: Item,
        to value: V,
        time: Expiration = .never,
        minCompressLen: Int? = nil,
        compressLevel: Int? = nil
    ) throws(MemcachedError) -> Bool {
        try cas(
            item.cacheKey,
            value,
            cas: item.cas,
            time: time,
            minCompressLen: minCompressLen,
            compressLevel: compressLevel
        )
    }
}
