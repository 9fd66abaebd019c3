/// A type whose only value is `nil`, so that `client[key] = nil` compiles although no type of value is given.
public struct NilValue: ExpressibleByNilLiteral, Hashable, Sendable {
    /// Makes the value of a nil literal.
    public init(nilLiteral: ()) {}
}

/// The subscripts never throw: an error reads as a miss and goes to `onError`.
extension MemcachedCommands {
    /// Reads a value, nil on a miss and on any error; stores a value; deletes the item when set to nil.
    public subscript<K: CacheKey, V: Codable>(_ key: K) -> V? {
        get { forgiving { () throws(MemcachedError) in try get(key, as: V.self) } ?? nil }
        nonmutating set {
            forgiving { () throws(MemcachedError) in
                if let newValue { _ = try set(key, newValue) } else { _ = try delete(key) }
            }
        }
    }

    /// Reads a value, `default` on a miss and on any error; stores a value.
    public subscript<K: CacheKey, V: Codable>(_ key: K, default default: @autoclosure () -> V) -> V {
        get { (forgiving { () throws(MemcachedError) in try get(key, as: V.self) } ?? nil) ?? `default`() }
        nonmutating set { forgiving { () throws(MemcachedError) in _ = try set(key, newValue) } }
    }

    /// Deletes the item: `cache[key] = nil`.
    public subscript<K: CacheKey>(_ key: K) -> NilValue {
        @available(*, unavailable, message: "Say what to read the value as, as in: let x: Int? = cache[key]")
        get { nil }
        nonmutating set { forgiving { () throws(MemcachedError) in _ = try delete(key) } }
    }

    @discardableResult
    private func forgiving<R>(_ body: () throws(MemcachedError) -> R) -> R? {
        do throws(MemcachedError) {
            return try body()
        } catch {
            if !error.code.isOutcome { onError?(error) }
            return nil
        }
    }
}
