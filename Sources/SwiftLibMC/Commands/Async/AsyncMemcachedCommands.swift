/// The commands of memcached for tasks, carried out by an ``AsyncClient``, something wrapped around one, or a
/// ``MockClient`` by its ``MockClient/asynchronous``.
///
/// Code written for `some AsyncMemcachedCommands`, or with an `any AsyncMemcachedCommands`, runs with all of them:
///
/// ```swift
/// struct Sessions {
///     let cache: any AsyncMemcachedCommands
///
///     func user(of session: String) async throws -> User? { try await cache.get("session:\(session)") }
/// }
/// ```
///
/// The names and meanings are those of ``MemcachedCommands``, its twin for synchronous code. Of your own conforming
/// type only ``execute(_:)`` is needed; a wrapper around another cache is an ``AsyncForwardingCommands``.
public protocol AsyncMemcachedCommands: Sendable {
    /// Carries out a request, and returns what has happened: a miss is a result here, and a failure an error, whatever
    /// ``policies`` make of them.
    ///
    /// - Returns: A result for each key. For a request with many keys, servers that failed are in
    ///   ``MemcachedResponse/failures``.
    /// - Throws: Why it could not be carried out; the failure of a server only if the request is for a single key.
    func execute(_ request: MemcachedRequest) async throws(MemcachedError) -> MemcachedResponse

    /// The codec that turns values into bytes and back, in the calling task; nil if the threads of the cache do that.
    ///
    /// The standard format, if not given.
    var codec: (any ValueCodec & Sendable)? { get }

    /// How the methods report misses and failures.
    ///
    /// If not given, failures are thrown and misses are results.
    var policies: CommandPolicies { get }
}

extension AsyncMemcachedCommands {
    /// The codec of the standard format.
    public var codec: (any ValueCodec & Sendable)? { FormatCodec.standard }

    /// Policies that hide nothing.
    public var policies: CommandPolicies { CommandPolicies() }

    /// Is called with the errors that no call throws.
    public var onError: (@Sendable (MemcachedError) -> Void)? { policies.onError }
}

/// A cache in front of another one: only what it does differently has to be written.
///
/// ```swift
/// struct Logging: AsyncForwardingCommands {
///     let base: any AsyncMemcachedCommands
///
///     func execute(_ request: MemcachedRequest) async throws(MemcachedError) -> MemcachedResponse {
///         print(request.operation)
///         return try await base.execute(request)
///     }
/// }
/// ```
public protocol AsyncForwardingCommands: AsyncMemcachedCommands {
    /// The cache behind it.
    var base: any AsyncMemcachedCommands { get }
}

extension AsyncForwardingCommands {
    /// Has the cache behind it carry out the request.
    public func execute(_ request: MemcachedRequest) async throws(MemcachedError) -> MemcachedResponse {
        try await base.execute(request)
    }

    /// The codec of the cache behind it.
    public var codec: (any ValueCodec & Sendable)? { base.codec }

    /// The policies of the cache behind it.
    public var policies: CommandPolicies { base.policies }
}
