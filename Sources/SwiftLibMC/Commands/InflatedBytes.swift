/// Asks the threads of a cache for the bytes of a value, inflated, in place of the value: for `withBytes`.
struct InflatedBytes: Decodable, Sendable {
    let value: MemcachedResponse.Value

    init(value: MemcachedResponse.Value) { self.value = value }

    /// It is never stored.
    init(from decoder: any Decoder) throws { throw CacheMiss() }
}

extension MemcachedResponse {
    /// The stored value of a key, inflated: nil if there is none; throws if it can't be inflated, whatever the policies
    /// are.
    func inflated(
        _ index: Int,
        of request: MemcachedRequest,
        _ codec: any ValueCodec,
        _ policies: @autoclosure () -> CommandPolicies
    ) throws(MemcachedError) -> Value? {
        guard let stored = results[index].value else {
            try policies().miss(results[index], of: request)
            return nil
        }
        return try codec.inflate(stored, for: request.operation, key: request.keys.list[index].text)
    }
}

extension MemcachedRequest {
    /// The error of `decode` for a value that the format makes a miss.
    var decodesToNothing: MemcachedError {
        MemcachedError(
            code: .notFound,
            operation: operation,
            detail: "deserialize makes the value a miss",
            key: keys.list.first?.text
        )
    }
}
