/// The requests of a compare-and-swap loop, the same for synchronous and asynchronous caches.
struct UpdateLoop<K: CacheKey> {
    private let key: K
    private let retries: Int
    /// How to store the value.
    let options: StoreOptions

    init(key: K, time: Expiration, retries: Int) {
        self.key = key
        self.retries = max(0, retries)
        options = StoreOptions(time: time)
    }

    var rounds: ClosedRange<Int> { 0...retries }

    /// Reads the value with its version.
    var look: MemcachedRequest { .one(key, .fetch(.withVersion), for: .update) }

    /// Stores the value if the item is still at a version, or still missing.
    func store(_ value: MemcachedRequest.Value, over version: CAS?) -> MemcachedRequest {
        if let version { return .one(key, .swap(value, version, .init(options)), for: .update) }
        return .one(key, .store(.one(value), .ifAbsent, .init(options)), for: .update)
    }

    /// The error after the last round.
    var conflict: MemcachedError {
        MemcachedError(
            code: .casConflict,
            operation: .update,
            detail: "other writers changed the item \(retries + 1) times in a row",
            key: MemcachedRequest.Key(key).text
        )
    }
}
