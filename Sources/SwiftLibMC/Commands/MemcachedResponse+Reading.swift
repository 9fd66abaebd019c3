// How the typed methods turn results into their own. Nothing here waits, so it is the same for synchronous and
// asynchronous ones.

extension MemcachedResponse {
    /// Whether a command for one key was carried out; false, or an error, if it was declined.
    func isDone(
        _ request: MemcachedRequest,
        _ policies: @autoclosure () -> CommandPolicies
    ) throws(MemcachedError) -> Bool {
        if _fastPath(results[0].succeeded) { return true }
        try policies().miss(results[0], of: request)
        return false
    }

    /// The same for `cas`, where a missing item is an error.
    func isSwapped(
        _ request: MemcachedRequest,
        _ policies: @autoclosure () -> CommandPolicies
    ) throws(MemcachedError) -> Bool {
        if case .missing = results[0] { throw request.missing([0], at: server) }
        return try isDone(request, policies())
    }

    /// The new value of one counter.
    func counted(_ request: MemcachedRequest) throws(MemcachedError) -> UInt64 {
        guard case .counted(let value) = results[0] else { throw request.missing([0], at: server) }
        return value
    }

    /// Throws if some of many counters were not counted although their servers answered.
    func allCounted(_ request: MemcachedRequest) throws(MemcachedError) {
        for result in results { if let refusal = result.refusal { throw refusal } }
        let missing = results.indices.filter { if case .missing = results[$0] { true } else { false } }
        if !missing.isEmpty { throw request.missing(missing) }
    }

    /// The keys for which something was not done.
    func failed<K>(_ keys: [K]) -> [K] {
        if _fastPath(results.allSatisfy(\.succeeded)) { return [] }
        return results.indices.filter { !results[$0].succeeded }.map { keys[$0] }
    }

    /// The item of a key, under the caller's own key; nil if there is none.
    func item(_ index: Int, of request: MemcachedRequest) -> Item? {
        guard let value = results[index].value else { return nil }
        let key = request.keys.list[index]
        return Item(key: key.bytes, bytes: value.bytes, flags: value.flags, cas: value.cas, group: key.group)
    }

    /// The value of a key: nil if there is none; throws if it can't be read, whatever the policies are.
    func value<V: Decodable>(
        _ index: Int,
        of request: MemcachedRequest,
        as type: V.Type,
        _ codec: any ValueCodec,
        _ policies: @autoclosure () -> CommandPolicies
    ) throws(MemcachedError) -> V? {
        let result = results[index]
        guard case .found(let stored) = result else {
            if let refusal = result.refusal { throw refusal }
            try policies().miss(result, of: request)
            return nil
        }
        if let object = stored.object {
            if let value = object as? V { return value }
        } else {
            let key = request.keys.list[index]
            if let value = try codec.decode(stored, as: type, for: request.operation, key: key.text) { return value }
        }
        try policies().miss(.missing, of: request)
        return nil
    }
}

extension MemcachedRequest {
    /// The error for keys that have no item where they need one.
    func missing(_ indices: [Int], at server: Server? = nil) -> MemcachedError {
        let texts = indices.map { keys.list[$0].text }
        guard !keys.list.isOne else {
            var error = MemcachedError(outcome: .notFound, operation, key: texts[0])
            error.server = server
            return error
        }
        return MemcachedError(
            code: .notFound,
            operation: operation.rawValue,
            detail: "\(indices.count) of \(keys.count) keys have no item",
            key: texts[0],
            partialResult: PartialResult(failures: [], failedKeys: texts)
        )
    }
}
