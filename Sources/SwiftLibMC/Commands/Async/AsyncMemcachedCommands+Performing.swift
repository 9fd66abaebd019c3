// How every method is carried out: it makes a request, executes it, and makes its result from the response.

extension AsyncMemcachedCommands {
    /// Carries out a request, and applies the policies if a server has failed.
    @inline(__always)
    func perform(
        _ request: MemcachedRequest,
        bypassingPolicies: Bool = false
    ) async throws(MemcachedError) -> MemcachedResponse {
        let response: MemcachedResponse
        do throws(MemcachedError) {
            response = try await execute(request)
        } catch {
            return try policies(bypassingPolicies).response(to: request, after: error)
        }
        try response.check(request)
        if _slowPath(!response.isComplete) { try policies(bypassingPolicies).conclude(response, of: request) }
        return response
    }

    private func policies(_ bypassingPolicies: Bool) -> CommandPolicies { bypassingPolicies ? .init() : policies }

    /// Carries out a request for a method of this library's own that needs the real outcome.
    func performBypassingPolicies(_ request: MemcachedRequest) async throws(MemcachedError) -> MemcachedResponse {
        try await perform(request, bypassingPolicies: true)
    }

    func isDone(_ request: MemcachedRequest) async throws(MemcachedError) -> Bool {
        try await perform(request).isDone(request, policies)
    }

    // MARK: - Values

    /// The form in which a value is sent: its bytes, or the value itself if the threads of the cache convert it.
    func stored<V: Encodable & Sendable>(
        _ value: V,
        _ options: StoreOptions,
        for operation: Operation
    ) throws(MemcachedError) -> MemcachedRequest.Value {
        guard let codec else { return .object(MemcachedRequest.UnserializedValue(value, options)) }
        return .bytes(try codec.encode(value, options, for: operation))
    }

    /// A request that says what to read the values as, if the threads of the cache convert them.
    func wanting<V: Decodable & Sendable>(_ type: V.Type, _ request: MemcachedRequest) -> MemcachedRequest {
        guard codec == nil, case .fetch(var reading) = request.action else { return request }
        reading.type = type
        var request = request
        request.action = .fetch(reading)
        return request
    }

    /// One of the values that have been read; nil on a miss.
    func value<V: Decodable & Sendable>(
        _ index: Int,
        of request: MemcachedRequest,
        _ response: MemcachedResponse,
        as type: V.Type,
        _ policies: @autoclosure () -> CommandPolicies
    ) async throws(MemcachedError) -> V? {
        do throws(MemcachedError) {
            if let codec { return try response.value(index, of: request, as: type, codec, policies()) }
            return try await convertedValue(index, of: request, response, as: type, policies())
        } catch {
            try policies().forgive(await located(error, index, of: request, response))
            return nil
        }
    }

    /// The same where the threads of the cache convert values.
    private func convertedValue<V: Decodable & Sendable>(
        _ index: Int,
        of request: MemcachedRequest,
        _ response: MemcachedResponse,
        as type: V.Type,
        _ policies: @autoclosure () -> CommandPolicies
    ) async throws(MemcachedError) -> V? {
        guard let found = response.results[index].value, found.object == nil else {
            return try response.value(index, of: request, as: type, FormatCodec.standard, policies())
        }
        // A wrapper has kept the bytes.
        let key = request.keys.list[index]
        let decoding = MemcachedRequest(request.operation, keys: .init(.one(key)), .decode(found, as: type))
        let decoded = try await execute(decoding)
        try decoded.check(decoding)
        return try decoded.value(0, of: decoding, as: type, FormatCodec.standard, policies())
    }

    /// An error about a stored value, with the server that it is from.
    func located(
        _ error: MemcachedError,
        _ index: Int,
        of request: MemcachedRequest,
        _ response: MemcachedResponse
    ) async -> MemcachedError {
        guard let question = request.location(index, response, missingIn: error) else { return error }
        var error = error
        error.server = (try? await execute(question))?.location
        return error
    }

    /// Reads a value with its version; nil on a miss.
    func read<V: Decodable & Sendable>(
        _ request: MemcachedRequest,
        as type: V.Type
    ) async throws(MemcachedError) -> (value: V, cas: CAS)? {
        let request = wanting(type, request)
        let response = try await perform(request)
        guard let value = try await value(0, of: request, response, as: type, policies) else { return nil }
        return (value, response.results[0].value?.cas ?? CAS(rawValue: 0))
    }
}

// MARK: - Of the commonest types

// Generic functions of an existential are never specialised, and have to look up each type they use: so these functions
// are written for one type each.

extension AsyncMemcachedCommands {
    @usableFromInline
    func _bytes(_ key: MemcachedRequest.Key) async throws(MemcachedError) -> [UInt8]? {
        guard codec?.isStandard == true else { return try await _value(key, as: [UInt8].self) }
        let request = MemcachedRequest(.get, keys: .init(.one(key)), .fetch(.init()))
        let response = try await perform(request)
        if case .one(.found(let found)) = response.results, _fastPath(!found.flags.contains(.zlib)) {
            return found.bytes
        }
        return try await value(0, of: request, response, as: [UInt8].self, policies)
    }

    @usableFromInline
    func _text(_ key: MemcachedRequest.Key) async throws(MemcachedError) -> String? {
        guard codec?.isStandard == true else { return try await _value(key, as: String.self) }
        let request = MemcachedRequest(.get, keys: .init(.one(key)), .fetch(.init()))
        let response = try await perform(request)
        if case .one(.found(let found)) = response.results, _fastPath(found.flags == .text),
            let text = found.withBytes({ String(validating: $0) })
        {
            return text
        }
        return try await value(0, of: request, response, as: String.self, policies)
    }

    @usableFromInline
    func _value<V: Decodable & Sendable>(
        _ key: MemcachedRequest.Key,
        as type: V.Type
    ) async throws(MemcachedError) -> V? {
        let request = wanting(type, MemcachedRequest(.get, keys: .init(.one(key)), .fetch(.init())))
        return try await value(0, of: request, try await perform(request), as: type, policies)
    }

    @inlinable
    @inline(__always)
    func _values<V: Decodable & Sendable>(
        _ request: MemcachedRequest,
        as type: V.Type
    ) async throws(MemcachedError) -> [V?] {
        if V.self == [UInt8].self { return recast(try await _manyBytes(request), as: [V?].self) }
        if V.self == String.self { return recast(try await _manyTexts(request), as: [V?].self) }
        return try await _anyValues(request, as: type)
    }

    @usableFromInline
    func _manyBytes(_ request: MemcachedRequest) async throws(MemcachedError) -> [[UInt8]?] {
        try await _anyValues(request, as: [UInt8].self)
    }

    @usableFromInline
    func _manyTexts(_ request: MemcachedRequest) async throws(MemcachedError) -> [String?] {
        try await _anyValues(request, as: String.self)
    }

    @usableFromInline
    func _anyValues<V: Decodable & Sendable>(
        _ request: MemcachedRequest,
        as type: V.Type
    ) async throws(MemcachedError) -> [V?] {
        if request.keys.isEmpty { return [] }
        let request = wanting(type, request)
        let response = try await perform(request)
        var values: [V?] = []
        values.reserveCapacity(response.results.count)
        for index in 0..<response.results.count {
            values.append(try await value(index, of: request, response, as: type, policies))
        }
        return values
    }
}
