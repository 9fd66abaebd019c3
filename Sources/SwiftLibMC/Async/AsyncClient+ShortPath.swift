// `get` of a client without hooks and observer, bypassing the protocol's method: its generic code would cost half as
// much again.

extension AsyncClient {
    /// Reads a value.
    ///
    /// - Parameters:
    ///   - key: The item's key.
    ///   - type: What to read the value as.
    /// - Returns: The value, or nil on a miss.
    /// - Throws: As ``Client/get(_:as:)`` does, and what every asynchronous call may throw.
    @inlinable
    public func get<K: CacheKey, V: Decodable & Sendable>(
        _ key: K,
        as type: V.Type = V.self
    ) async throws(MemcachedError) -> V? {
        let key = MemcachedRequest.Key(key)
        if V.self == [UInt8].self { return recast(try await _shortBytes(key), as: V?.self) }
        if V.self == String.self { return recast(try await _shortText(key), as: V?.self) }
        return try await _value(key, as: type)
    }

    @usableFromInline
    func _shortBytes(_ key: MemcachedRequest.Key) async throws(MemcachedError) -> [UInt8]? {
        guard takesShortPath else { return try await _bytes(key) }
        guard let call = try await answered(key) else { return nil }
        if case .found(let value) = call.result, _fastPath(!value.flags.contains(.zlib)) { return value.bytes }
        return try await value(0, of: call.request, call.response, as: [UInt8].self, policies)
    }

    @usableFromInline
    func _shortText(_ key: MemcachedRequest.Key) async throws(MemcachedError) -> String? {
        guard takesShortPath else { return try await _text(key) }
        guard let call = try await answered(key) else { return nil }
        if case .found(let value) = call.result, _fastPath(value.flags == .text),
            let text = value.withBytes({ String(validating: $0) })
        {
            return text
        }
        return try await value(0, of: call.request, call.response, as: String.self, policies)
    }

    /// Sends a call; nil if it has failed, and that counts as a miss.
    @inline(__always)
    private func answered(_ key: MemcachedRequest.Key) async throws(MemcachedError) -> QueuedCall? {
        let route = try key.withKeyBytes { key, routing throws(MemcachedError) in
            try self.route(key, routing, for: .get)
        }
        let call = QueuedCall(getting: key, route, deadline: .now + timeLimit)
        do throws(MemcachedError) {
            try await send(call)
            return call
        } catch {
            _ = try policies.response(to: call.request, after: error)
            return nil
        }
    }
}
