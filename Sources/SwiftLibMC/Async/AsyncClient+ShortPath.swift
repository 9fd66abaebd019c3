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
        let call = try getCall(key)
        do throws(MemcachedError) {
            try await send(call)
        } catch {
            return try missed(call, after: error)
        }
        if case .found(let value) = call.result, _fastPath(!value.flags.contains(.zlib)) {
            return value.bytes
        }
        do throws(MemcachedError) {
            return try read(call, as: [UInt8].self)
        } catch {
            return try await unreadable(call, error)
        }
    }

    @usableFromInline
    func _shortText(_ key: MemcachedRequest.Key) async throws(MemcachedError) -> String? {
        guard takesShortPath else { return try await _text(key) }
        let call = try getCall(key)
        do throws(MemcachedError) {
            try await send(call)
        } catch {
            return try missed(call, after: error)
        }
        if case .found(let value) = call.result, _fastPath(value.flags == .text),
            let text = value.withBytes({ String(validating: $0) })
        {
            return text
        }
        do throws(MemcachedError) {
            return try read(call, as: String.self)
        } catch {
            return try await unreadable(call, error)
        }
    }

    @inline(__always)
    private func getCall(_ key: MemcachedRequest.Key) throws(MemcachedError) -> QueuedCall {
        let route = try key.withKeyBytes { key, routing throws(MemcachedError) in
            try self.route(key, routing, for: .get)
        }
        return QueuedCall(getting: key, route, deadline: .now + timeLimit)
    }

    @inline(never)
    private func missed<R>(_ call: QueuedCall, after error: MemcachedError) throws(MemcachedError) -> R? {
        _ = try policies.response(to: call.request, after: error)
        return nil
    }

    @inline(never)
    private func read<V: Decodable>(_ call: QueuedCall, as type: V.Type) throws(MemcachedError) -> V? {
        try call.response.value(0, of: call.request, as: type, codec ?? FormatCodec.standard, policies)
    }

    @inline(never)
    private func unreadable<R>(_ call: QueuedCall, _ error: MemcachedError) async throws(MemcachedError) -> R? {
        try policies.forgive(await located(error, 0, of: call.request, call.response))
        return nil
    }
}
