extension Client {
    /// Checks a key without sending anything: python-memcached's and pymemcache's `check_key`.
    ///
    /// Every call checks its keys, so there is no need to do it before one.
    ///
    /// - Parameters:
    ///   - key: The key.
    ///   - keyPrefix: What a multi-key call would put before it.
    /// - Throws: `.badKey`, whose ``MemcachedError/keyProblem`` says whether the key is empty, too long, or holds a
    ///   byte that the protocol can't carry.
    public final func checkKey<K: CacheKey>(_ key: K, keyPrefix: String? = nil) throws(MemcachedError) {
        _ = try _keyList([key], keyPrefix, .checkKey)
    }
}
