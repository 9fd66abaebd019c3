/// A command without the types of its caller: what to do, with which keys, and with which bytes.
///
/// Every method of a cache makes one or more of these and gives them to ``MemcachedCommands/execute(_:)``. A wrapper
/// changes a request, answers it, or passes it on; it need not know the types of keys and values. It changes a copy
/// rather than making a new one, because the requests of one call share something, which is in ``Keys``.
public struct MemcachedRequest: Sendable {
    /// The method that was called, for errors, logs and metrics.
    public let operation: MemcachedOperation
    /// The keys; none for a command that concerns all servers.
    public var keys: Keys
    /// What to do.
    public var action: Action
    /// How many times it has been tried before: a ``RetryingClient`` counts.
    public var retry = 0

    /// Makes a request.
    public init(_ operation: MemcachedOperation, keys: Keys = Keys(), _ action: Action) {
        self.operation = operation
        self.keys = keys
        self.action = action
    }

    /// The commands of a cache.
    ///
    /// New versions may add cases: a cache of your own throws `.notSupported` for those that it does not know.
    #if hasAttribute(nonexhaustive)
        @nonexhaustive
    #endif
    public enum Action: Sendable {
        /// Read the items. Results: `.found` or `.missing`.
        case fetch(Reading)
        /// Store a value for each key, under a condition. Results: `.done` or `.declined`.
        case store(OneOrMany<Value>, StoreCondition, Writing)
        /// Store a value if the item is at a version. Results: `.done`, `.declined` or `.missing`.
        case swap(Value, CAS, Writing)
        /// Add bytes at an end of the value. Results: `.done` or `.missing`.
        case extend([UInt8], atEnd: Bool, noreply: Bool)
        /// Delete the items. Results: `.done` or `.missing`.
        case delete(noreply: Bool)
        /// Set when the items expire. Results: `.done` or `.missing`.
        case touch(Expiration)
        /// Count up or down. Results: `.counted` or `.missing`.
        case count(CounterStep)
        /// Empty the servers.
        case flush(Expiration)
        /// Close all connections.
        case disconnect
        /// Read the servers' statistics, those of a group or the general ones.
        case statistics(String?)
        /// Ask the servers for their versions.
        case version
        /// Ask the servers whether they answer.
        case ping
        /// Find the computation of the key's value that is in progress in this process, without asking a server.
        ///
        /// It is how `getOrSet` has callers share one. A cache that does not know it throws `.notSupported`; then each
        /// computes for itself.
        case computation
        /// Find the server of an item that could not be turned into a value, without asking one: it is in
        /// ``MemcachedResponse/servers``.
        ///
        /// With it the error can name the server. If a cache that does not know it throws `.notSupported`, the error
        /// names none.
        indirect case location(of: MemcachedResponse.Value)
        /// Make a value from stored bytes, without asking a server. Results: `.found` or `.missing`.
        ///
        /// Only a cache without a ``AsyncMemcachedCommands/codec`` gets it: an asynchronous client whose class has a
        /// format of its own.
        indirect case decode(MemcachedResponse.Value, as: any (Decodable & Sendable).Type)
    }

    /// What to read of items.
    public struct Reading: Sendable {
        /// Whether their bytes are wanted, or only whether they exist.
        public var withBytes: Bool
        /// Whether their versions are wanted.
        public var withVersion: Bool
        /// Whether metrics count it as a hit or a miss.
        ///
        /// Not if a method reads something for its own purposes, such as the number of a ``VersionedNamespace``, or
        /// reads the same value again, as `getOrSet` does while another caller computes it.
        public var isLookup = true
        /// What to turn the bytes into; nil for nothing, because the caller does it.
        ///
        /// Only a cache without a codec is given one.
        public var type: (any (Decodable & Sendable).Type)?
        /// When the item is to expire from now on; nil leaves that as it is.
        ///
        /// Only in a request for a single key.
        public var touching: Expiration?

        /// Reads bytes, and perhaps versions.
        public init(
            withBytes: Bool = true,
            withVersion: Bool = false,
            type: (any (Decodable & Sendable).Type)? = nil,
            touching: Expiration? = nil
        ) {
            self.withBytes = withBytes
            self.withVersion = withVersion
            self.type = type
            self.touching = touching
        }
    }

    /// How items are written.
    public struct Writing: Hashable, Sendable {
        /// When they expire.
        public var time: Expiration
        /// Whether not to wait for the server's reply.
        public var noreply: Bool

        /// Writes items that never expire, unless told otherwise.
        public init(time: Expiration = .never, noreply: Bool = false) {
            self.time = time
            self.noreply = noreply
        }
    }

    /// A value to store.
    #if hasAttribute(nonexhaustive)
        @nonexhaustive
    #endif
    public enum Value: Sendable {
        /// The bytes to store, already compressed if they should be.
        case bytes(Payload)
        /// The caller's value. Only a cache without a codec is given one, and converts it itself.
        case object(UnserializedValue)
    }

    /// A value before it is made into bytes, and how to do that.
    public final class UnserializedValue: Sendable {
        /// The value.
        public let value: any Encodable & Sendable
        /// How to compress it.
        public let options: StoreOptions

        /// Holds a value.
        public init(_ value: any Encodable & Sendable, _ options: StoreOptions) {
            self.value = value
            self.options = options
        }
    }
}

// MARK: - Kinds

/// What a command does, for wrappers that treat commands differently.
public enum CommandKind: Hashable, Sendable {
    /// It changes nothing.
    case reading
    /// Doing it twice has the same effect: `set`, `delete`, `touch`, `flushAll`.
    case idempotentWrite
    /// Doing it twice may have another effect: `add`, `replace`, `cas`, `append`, `incr` and their like.
    case nonIdempotentWrite
}

extension MemcachedRequest {
    /// The effect of doing it twice.
    public var kind: CommandKind {
        switch action {
        case .fetch(let reading): reading.touching == nil ? .reading : .idempotentWrite
        case .statistics, .version, .ping, .computation, .location, .decode: .reading
        case .store(_, .always, _), .delete, .touch, .flush, .disconnect: .idempotentWrite
        case .store, .swap, .extend, .count: .nonIdempotentWrite
        }
    }
}

// MARK: - Requests made from this one

extension MemcachedRequest {
    /// The same request for some of its keys.
    ///
    /// - Parameter indices: Which keys, by their positions. A request for a single key is returned whole.
    /// - Returns: A request whose results can be merged into those of this one by ``MemcachedResponse/fill(_:from:)``.
    public func narrowed(to indices: [Int]) -> MemcachedRequest {
        guard case .many(let keys) = keys.list else { return self }
        var request = self
        request.keys.list = .many(indices.map { keys[$0] })
        if case .store(.many(let values), let condition, let writing) = action {
            request.action = .store(.many(indices.map { values[$0] }), condition, writing)
        }
        return request
    }

    /// Throws `.invalidArguments` if there are not as many values as keys.
    @inline(__always)
    func check() throws(MemcachedError) {
        if _slowPath(!fitsItsKeys) { throw misfit }
    }

    @inline(__always)
    private var fitsItsKeys: Bool {
        switch action {
        case .store(let values, _, _):
            values.isOne ? keys.list.isOne : !keys.list.isOne && values.count == keys.count
        case .fetch(let reading): reading.touching == nil || keys.list.isOne
        case .swap, .extend, .computation, .location, .decode: keys.list.isOne
        default: true
        }
    }

    private var misfit: MemcachedError {
        MemcachedError(
            code: .invalidArguments,
            operation: operation,
            detail: "the request has \(keys.count) keys, which do not fit what is to be done with them"
        )
    }

    /// An error as one of this request: with the name of the method, and the caller's own key if there is one.
    @inline(never)
    func named(_ error: MemcachedError) -> MemcachedError {
        if case .one(let key) = keys.list { return named(error, by: key) }
        var error = error
        error.operation = operation.rawValue
        return error
    }

    /// An error about one of the keys.
    func named(_ error: MemcachedError, by key: Key) -> MemcachedError {
        var error = error
        error.operation = operation.rawValue
        error.key = key.text
        if let problem = error.keyProblem { error.detail = problem.sentence(prefixLength: keys.prefix.utf8.count) }
        return error
    }

    /// Throws `.badKey` unless all keys can be sent.
    func checkKeys(_ rules: KeyRules) throws(MemcachedError) {
        for index in keys.list.indices {
            try keys.withKeyBytes(of: index) { key, _ throws(MemcachedError) in
                if rules.accepts(key) { return }
                throw named(rules.refusal(of: key, for: operation), by: keys.list[index])
            }
        }
    }

    /// Asks for the server of the item whose value an error is about; nil if the error names it, or is not about a
    /// stored value.
    @inline(never)
    func location(_ index: Int, _ response: MemcachedResponse, missingIn error: MemcachedError) -> MemcachedRequest? {
        guard error.code == .deserialization, error.server == nil, case .fetch = action else { return nil }
        guard let value = response.results[index].value else { return nil }
        var keys = keys
        keys.list = .one(keys.list[index])
        return MemcachedRequest(operation, keys: keys, .location(of: value))
    }
}
