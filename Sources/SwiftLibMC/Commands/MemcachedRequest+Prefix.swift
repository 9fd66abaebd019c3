extension MemcachedRequest {
    /// The same request about keys with a prefix.
    ///
    /// - Throws: `.notSupported` for `flushAll`: servers can't drop the items of one prefix only.
    public func prefixed(by prefix: String) throws(MemcachedError) -> MemcachedRequest {
        if case .flush = action {
            throw MemcachedError(
                code: .notSupported,
                operation: operation,
                detail: "a prefix can't be emptied alone; flushAll of the cache itself would drop all items"
            )
        }
        var request = self
        request.keys.prefix = prefix + keys.prefix
        return request
    }
}
