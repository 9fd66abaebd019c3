// Everything here happens after a miss, a refusal or a failure; a call that succeeds does not come by.

extension Client {
    /// What a single read gives if there is nothing: nil, or an error if that is wanted.
    @inline(never)
    final func missed<R>(_ operation: Operation, _ key: RawSpan) throws(MemcachedError) -> R? {
        guard outcomes == .throwing else { return nil }
        throw MemcachedError(outcome: .noValue, operation, key: key.text)
    }

    /// What a single write gives if the server has declined it: false, or an error if that is wanted.
    @inline(never)
    final func declined(
        _ code: MemcachedError.Code,
        _ operation: Operation,
        _ key: RawSpan
    ) throws(MemcachedError) -> Bool {
        guard outcomes == .throwing else { return false }
        throw MemcachedError(outcome: code, operation, key: key.text)
    }

    /// What a call gives that has failed: a miss or "not stored", or else the error.
    @inline(never)
    final func forgiving<R>(_ error: MemcachedError, _ substitute: R) throws(MemcachedError) -> R {
        guard errorPolicy.forgives(error) else { throw error }
        onError?(error)
        return substitute
    }

    /// Throws an error, unless it counts as a miss.
    @usableFromInline
    final func _forgive(_ error: MemcachedError) throws(MemcachedError) { try forgiving(error, ()) }

    /// What a single write gives: true, or what the policies make of a refusal or failure.
    @inline(__always)
    final func written(
        _ operation: Operation,
        _ key: RawSpan,
        else code: MemcachedError.Code,
        _ write: () throws(MemcachedError) -> Bool
    ) throws(MemcachedError) -> Bool {
        do throws(MemcachedError) {
            if try write() { return true }
        } catch {
            return try forgiving(error, false)
        }
        return try declined(code, operation, key)
    }
}
