extension Client {
    /// Deletes an item: pylibmc's `delete`.
    ///
    /// - Parameters:
    ///   - key: The item's key.
    ///   - noreply: Whether not to wait for the server's reply. In the binary protocol the call waits all the same,
    ///     because the reply to a quiet delete of a missing item could be taken for that of the next command.
    /// - Returns: False if there was no such item.
    /// - Throws: `.badKey` or a failure of the server.
    @discardableResult
    public final func delete<K: CacheKey>(_ key: K, noreply: Bool = false) throws(MemcachedError) -> Bool {
        try key.withKeyBytes { key, routing throws(MemcachedError) in
            try written(.delete, key, else: .notFound) { () throws(MemcachedError) in
                try handle.delete(key, routing: routing, isQuiet: isQuiet(StoreOptions(noreply: noreply)))
            }
        }
    }

    /// Sets when an item expires, without reading or changing its value: pylibmc's `touch`.
    ///
    /// - Parameters:
    ///   - key: The item's key.
    ///   - time: When the item expires, counted from now.
    /// - Returns: False if there is no such item.
    /// - Throws: `.badKey` or a failure of the server.
    @discardableResult
    public final func touch<K: CacheKey>(_ key: K, time: Expiration) throws(MemcachedError) -> Bool {
        try key.withKeyBytes { key, routing throws(MemcachedError) in
            try written(.touch, key, else: .notFound) { () throws(MemcachedError) in
                try handle.touch(key, routing: routing, expiration: time.wireValue())
            }
        }
    }
}
