/// What a client does when a server fails.
public enum ErrorPolicy: Hashable, Sendable {
    /// The call throws.
    case throwing
    /// The failure counts as a miss, or as not stored, and ``Client/onError`` hears of it: pymemcache's `ignore_exc`.
    case missing
}

/// How a client says that a working server has no such item, or another one.
public enum Outcomes: Hashable, Sendable {
    /// By nil and false.
    case results
    /// By errors, as memcached2 does: ``MemcachedError/Code/noValue``, ``MemcachedError/Code/notStored``,
    /// ``MemcachedError/Code/casFailure`` and ``MemcachedError/Code/notFound``.
    case throwing
}

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

    /// The value of one of many items; nil if the format or the policy calls it a miss.
    final func decodeIfReadable<V: Decodable>(
        _ item: Item,
        _ operation: Operation,
        as type: V.Type
    ) throws(MemcachedError) -> V? {
        do throws(MemcachedError) {
            return try decodeUnlessMiss(item, operation, as: type)
        } catch {
            return try forgiving(error, nil)
        }
    }

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

    /// Runs a command of this library's own as if no policy were set, to see what has really happened.
    final func withoutPolicies<R>(_ body: () throws(MemcachedError) -> R) throws(MemcachedError) -> R {
        let policies = (errorPolicy, outcomes, hasNewSettings)
        (errorPolicy, outcomes) = (.throwing, .results)
        defer { (errorPolicy, outcomes, hasNewSettings) = policies }
        return try body()
    }
}

extension ErrorPolicy {
    /// Whether an error is to count as a miss.
    ///
    /// Mistakes of the caller's do not, nor what a working server says of an item, nor the end of a call that has not
    /// failed.
    func forgives(_ error: MemcachedError) -> Bool {
        guard self == .missing else { return false }
        switch error.code {
        case .badKey, .invalidArguments, .serialization, .notNumeric, .notSupported, .casConflict: return false
        case .cancelled, .commandTimeout, .overloaded, .shutdown: return false
        default: return !error.code.isOutcome
        }
    }
}

extension MemcachedError {
    /// What a working server says of an item, as an error.
    init(outcome code: Code, _ operation: Operation, key: String?) {
        let detail =
            switch code {
            case .noValue, .notFound: "no item has this key"
            case .casFailure: "the item has changed since its version was read"
            default: operation == .add ? "the item exists" : "the item does not exist"
            }
        self.init(code: code, operation: operation, detail: detail, key: key)
    }
}

extension MemcachedCommands {
    /// Runs a command and gives its true result, also where a client is to hide failures or to throw misses.
    func plainly<R>(_ command: () throws(MemcachedError) -> R) throws(MemcachedError) -> R {
        guard let client = self as? Client else { return try command() }
        return try client.withoutPolicies(command)
    }
}
