/// The requests of a compare-and-swap loop, the same for synchronous and asynchronous caches.
struct UpdateLoop<K: CacheKey> {
    private let key: K
    private let retries: Int
    /// The memory of the present round.
    private(set) var memory: CallMemory?
    /// How to store the value.
    let options: StoreOptions

    init(key: K, time: Expiration, retries: Int) {
        self.key = key
        self.retries = max(0, retries)
        options = StoreOptions(time: time)
    }

    var rounds: ClosedRange<Int> { 0...retries }

    /// Reads the value with its version.
    mutating func look() -> MemcachedRequest {
        // After losing to another writer, a round uses the present generation of a namespace.
        let reading = memory == nil ? MemcachedRequest.Reading.withVersion : .withVersion.uncounted
        memory = CallMemory()
        return .one(key, .fetch(reading), for: .update).remembering(memory?.reference)
    }

    /// Stores the value if the item is still at a version, or still missing.
    func store(_ value: MemcachedRequest.Value, over version: CAS?) -> MemcachedRequest {
        memory?.close()
        let action: MemcachedRequest.Action =
            if let version { .swap(value, version, .init(options)) } else {
                .store(.one(value), .ifAbsent, .init(options))
            }
        return .one(key, action, for: .update).remembering(memory?.reference)
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
