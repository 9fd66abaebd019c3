/// The commands of memcached, carried out by a ``Client``, a pool, something wrapped around one, or a ``MockClient``.
///
/// Code written for `some MemcachedCommands` runs with all of them:
///
/// ```swift
/// struct Sessions<Cache: MemcachedCommands> {
///     let cache: Cache
///
///     func user(of session: String) throws -> User? { try cache.get("session:\(session)") }
/// }
/// ```
///
/// All methods call ``execute(_:)``, which is all that a cache of your own has to implement. A wrapper that passes
/// requests on is even shorter as a ``ForwardingCommands``.
///
/// Conforming types may be classes or structures, and need not be `Sendable`: they belong to one thread or task at a
/// time unless they say otherwise.
public protocol MemcachedCommands {
    /// Carries out a request, and returns what has happened: a miss is never an error here, and a failure never a miss.
    ///
    /// - Returns: A result for each key, in the order of the keys.
    /// - Throws: Whatever keeps a request for a single key, or for all servers, from being carried out; mistakes of the
    ///   caller, such as `.badKey`, before anything is done. Where some servers fail a request for many keys, the
    ///   response says so.
    func execute(_ request: MemcachedRequest) throws(MemcachedError) -> MemcachedResponse

    /// The codec that turns values into bytes and back; the standard format if not given.
    var codec: any ValueCodec { get }

    /// How the methods report misses and failures; if not given, they hide nothing.
    var policies: CommandPolicies { get }
}

extension MemcachedCommands {
    /// The standard format.
    public var codec: any ValueCodec { FormatCodec.standard }

    /// Policies that hide nothing.
    public var policies: CommandPolicies { CommandPolicies() }

    /// Is called with the errors that no call throws, such as those of the subscripts.
    public var onError: (@Sendable (MemcachedError) -> Void)? { policies.onError }
}

/// A cache in front of another one.
///
/// It does what the other one does, with the same format of values and the same policies, except for what it implements
/// itself. This one measures how long commands take:
///
/// ```swift
/// struct TimedCommands: ForwardingCommands {
///     let base: any MemcachedCommands
///     let clock = ContinuousClock()
///
///     func execute(_ request: MemcachedRequest) throws(MemcachedError) -> MemcachedResponse {
///         let start = clock.now
///         defer { print(request.operation, clock.now - start) }
///         return try base.execute(request)
///     }
/// }
/// ```
public protocol ForwardingCommands: MemcachedCommands {
    /// The cache that is asked.
    var base: any MemcachedCommands { get }
}

extension ForwardingCommands {
    /// Has the other cache carry out a request.
    public func execute(_ request: MemcachedRequest) throws(MemcachedError) -> MemcachedResponse {
        try base.execute(request)
    }

    /// The other cache's.
    public var codec: any ValueCodec { base.codec }

    /// The other cache's.
    public var policies: CommandPolicies { base.policies }
}

// MARK: - Carrying out requests

extension MemcachedCommands {
    /// Carries out a request, and applies the policies to failures.
    func perform(_ request: MemcachedRequest) throws(MemcachedError) -> MemcachedResponse {
        try performInline(request)
    }

    /// The same, compiled into the caller: for the commands that are used most.
    @inline(__always)
    func performInline(_ request: MemcachedRequest) throws(MemcachedError) -> MemcachedResponse {
        let response: MemcachedResponse
        do throws(MemcachedError) {
            response = try execute(request)
        } catch {
            return try policies.response(to: request, after: error)
        }
        try response.check(request)
        if _slowPath(!response.isComplete) { try policies.conclude(response, of: request) }
        return response
    }

    /// Carries out a request for a method of this library's own that needs the real outcome.
    func performBypassingPolicies(_ request: MemcachedRequest) throws(MemcachedError) -> MemcachedResponse {
        let response = try execute(request)
        try response.check(request)
        if _slowPath(!response.isComplete) { try CommandPolicies().conclude(response, of: request) }
        return response
    }

    /// One of the values that have been read: nil if there is none, or if it can't be read and that counts as a miss.
    @inline(__always)
    func value<V: Decodable>(
        _ index: Int,
        of request: MemcachedRequest,
        in response: MemcachedResponse,
        as type: V.Type,
        _ codec: any ValueCodec,
        _ policies: @autoclosure () -> CommandPolicies
    ) throws(MemcachedError) -> V? {
        do throws(MemcachedError) {
            return try response.value(index, of: request, as: type, codec, policies())
        } catch {
            try policies().forgive(located(error, index, of: request, response))
            return nil
        }
    }

    /// An error about a stored value, with the server that it is from.
    @inline(never)
    func located(
        _ error: MemcachedError,
        _ index: Int,
        of request: MemcachedRequest,
        _ response: MemcachedResponse
    ) -> MemcachedError {
        guard let question = request.location(index, response, missingIn: error) else { return error }
        var error = error
        error.server = (try? execute(question))?.location
        return error
    }

    /// Whether a command for one key was carried out.
    func isDone(_ request: MemcachedRequest) throws(MemcachedError) -> Bool {
        try perform(request).isDone(request, policies)
    }
}

extension MemcachedResponse {
    /// Throws if there are not as many results as keys, which only a faulty cache can do.
    @inline(__always)
    func check(_ request: MemcachedRequest) throws(MemcachedError) {
        if case .one = results, case .one = request.keys.list { return }
        if request.keys.isEmpty { return }
        if _fastPath(!results.isOne && !request.keys.list.isOne && results.count == request.keys.count) { return }
        throw MemcachedError(
            code: .failure,
            operation: request.operation,
            detail: "the cache has given \(results.count) results for \(request.keys.count) keys"
        )
    }
}
