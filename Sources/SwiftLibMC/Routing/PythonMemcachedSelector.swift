/// python-memcached's placement with weights: a server of weight 3 has three of the buckets.
///
/// Without weights ``Behaviors/pythonMemcached`` does the same, with libmemcached's own placement. The order of the
/// servers matters. python-memcached puts the keys of a server that is down on another one; this selector does not.
public struct PythonMemcachedSelector: ServerSelector {
    /// Makes a selector.
    public init() {}

    /// Makes the function that chooses among these servers.
    public func chooser(among servers: [Server]) -> @Sendable (_ key: RawSpan) -> Int {
        let buckets = servers.indices.flatMap { Array(repeating: $0, count: servers[$0].weight) }
        return { key in buckets[CRC32.memcacheHash(Array(copying: key)) % buckets.count] }
    }
}
