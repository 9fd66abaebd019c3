public import Synchronization

/// A set of connections to one group of memcached servers: pylibmc's `Client`.
///
/// A client belongs to one task or thread at a time, which the compiler checks. Give every other one a ``clone()``, or
/// use a pool. Nothing is connected until the first command.
///
/// Misses and "not stored" are results; everything else that goes wrong throws ``MemcachedError``.
///
/// Subclasses may override ``serialize(_:)`` and ``deserialize(_:flags:as:)`` for another format of values. One that
/// only overrides methods inherits all initialisers. One with a designated initialiser of its own writes
/// `required init(_ seed:)` too, and copies its state, which has to be `Sendable`, in an override of ``clone()``:
///
/// ```swift
/// final class TaggedClient: Client {
///     var tag: String
///
///     init(_ servers: [Server], tag: String) throws(MemcachedError) {
///         self.tag = tag
///         try super.init(servers: servers)
///     }
///
///     required init(_ seed: consuming sending Seed) {
///         tag = ""
///         super.init(seed)
///     }
///
///     override func clone() throws(MemcachedError) -> sending Self {
///         let copy = try super.clone()
///         copy.tag = tag
///         return copy
///     }
/// }
/// ```
open class Client {
    final let handle: Handle
    /// Whether values can bypass the hooks, because hooks and format are the default ones, and there is no observer.
    @inlinable final var bypassesHooks: Bool { _bypassesHooks.load(ordering: .relaxed) }
    /// Atomic only because that makes it a constant, which can be read without a run-time check for exclusive access;
    /// the load is an ordinary one.
    @usableFromInline final let _bypassesHooks: Atomic<Bool>
    /// Made when the first value is compressed or inflated.
    final lazy var deflate = Deflate()

    /// When and how values are compressed unless a call says otherwise.
    ///
    /// `Compression()`, the initial value, never compresses.
    public final var compression = Compression() {
        didSet {
            compressesByDefault = compression.minLength > 0
            hasNewSettings = true
        }
    }
    /// Whether ``compression`` ever applies.
    ///
    /// Unlike a public property it can be read without a run-time check for exclusive access, which costs as much as
    /// the rest of a `set`'s own work.
    private(set) final var compressesByDefault = false
    /// The library in whose format values are stored and read, pylibmc's by default.
    ///
    /// Clones have it too. A subclass that overrides ``serialize(_:)`` and ``deserialize(_:flags:as:)`` decides itself
    /// whether to call these, which follow it; how values are compressed follows it in any case.
    public final var format = ValueFormat.pylibmc {
        didSet {
            packing = format.packing
            usesForeignFormat = format.dialect != nil
            hasNewSettings = true
            choosePath()
        }
    }
    private(set) final var packing = Packing.standard
    private final var usesForeignFormat = false
    /// The observer, which is told of every command, and of what happens to the client itself; nil by default.
    ///
    /// Clones have it too; several may then call it at the same time. Without one, commands cost nothing more.
    public final var observer: (any CommandObserver)? {
        didSet {
            isObserved = observer != nil
            hasNewSettings = true
            choosePath()
        }
    }
    /// The same as `observer != nil`, which costs more to find out.
    private(set) final var isObserved = false
    /// The observer, if it only needs numbers and no hook is called.
    private(set) final var counter: (any CommandCounter)?
    /// The same as `counter != nil`.
    private(set) final var isCounted = false
    /// The servers that the observer has been told are given up.
    final var serversGivenUp: Set<Server> = []
    /// The cluster whose changes of servers the client follows.
    final var following = ClusterFollowing()
    /// The largest size in bytes to which a compressed value is inflated, 64 MiB by default.
    ///
    /// Reading a larger one throws `.deserialization` before the memory is spent.
    public final var maxInflatedBytes = Deflate.defaultLimit { didSet { hasNewSettings = true } }
    /// How many bytes a value to be read may have on the server, compressed or not; 64 MiB by default.
    ///
    /// Reading a longer one throws ``MemcachedError/Code/tooBig``. If it has more than a mebibyte, no memory is taken
    /// for it, and the connection is given up, because the rest would have to be read. For the size of an inflated
    /// value see ``maxInflatedBytes``.
    public final var maxValueBytes: Int {
        get { handle.maxValueBytes }
        set {
            handle.maxValueBytes = max(0, newValue)
            hasNewSettings = true
        }
    }
    /// Is called with the errors that no call throws: those of the subscripts, and of single servers in multi-key
    /// calls.
    ///
    /// It runs on the thread of the call, after its work with the servers is done.
    public final var onError: (@Sendable (MemcachedError) -> Void)? { didSet { hasNewSettings = true } }
    /// Whether a multi-key call throws when some, but not all, of its servers fail.
    public final var partialFailures = PartialFailures.reported { didSet { hasNewSettings = true } }

    /// How long a call takes at most, from its beginning to its end; 5 seconds by default, at least a millisecond.
    ///
    /// Then it throws ``MemcachedError/Code/commandTimeout``. The client's other time-outs, such as
    /// ``Behaviors/pollTimeout``, bound each wait for a server, and say more about what happened; this one bounds the
    /// sum of many short waits. Over UDP, and while the system looks up the name of a server, calls are not ended.
    ///
    /// A second thread enforces it. In a program that has only one, calls are not ended until this is set, to any
    /// value: a second thread makes everything that such a program does a little slower. Clients of pools and of
    /// ``AsyncClient`` have it in any case, and all clients have it as soon as the program has another thread.
    public final var commandTimeout: Duration {
        get { handle.commandTimeout }
        set {
            handle.commandTimeoutIfSaid = newValue
            hasNewSettings = true
        }
    }

    /// Whether signals are kept from the calling thread while a call waits for a server.
    ///
    /// A signal with a handler that comes during such a wait makes libmemcached miscount its time: the call may end
    /// with `.timeout` too early, or only at ``commandTimeout``. Until this is set, it is only true where no thread
    /// ends calls at ``commandTimeout``: in a program with one thread. In one that gets many signals, such as one that
    /// is profiled, true keeps the times right; but then SIGTERM, too, waits for the call to end. Set it to false on
    /// threads that block all signals anyway: it saves two system calls per call.
    public final var blocksSignals: Bool {
        get { handle.blocksSignals }
        set {
            handle.blocksSignalsIfSaid = newValue
            hasNewSettings = true
        }
    }

    /// Whether a failure of a server is thrown, or counts as a miss: pymemcache's `ignore_exc`.
    ///
    /// With `.missing` a read that fails gives nil, its default or nothing, a write false or its keys as not stored,
    /// and ``onError`` is told of it. A failure is a server that can't be reached or does not work properly, or a
    /// stored value that can't be read. Mistakes of the caller such as bad keys, are still thrown, and so are failures
    /// of calls whose result can't express a miss: `incr` and `decr`, `update`, and those that ask all servers.
    public final var errorPolicy = ErrorPolicy.throwing { didSet { hasNewSettings = true } }
    /// Whether misses and declined writes are results or errors: memcached2 throws errors.
    ///
    /// With `.throwing` single reads throw ``MemcachedError/Code/noValue``, `delete` and `touch`
    /// ``MemcachedError/Code/notFound``, `cas` ``MemcachedError/Code/casFailure``, and the other writes
    /// ``MemcachedError/Code/notStored``. Reads with a default, `contains`, the subscripts and calls with many keys
    /// stay as they are.
    public final var outcomes = Outcomes.results { didSet { hasNewSettings = true } }
    /// Whether ``gets(_:as:)`` remembers the versions it sees, for
    /// ``cas(_:_:time:minCompressLen:compressLevel:noreply:)``: python-memcached's `cache_cas`.
    public final var cacheCAS = false { didSet { hasNewSettings = true } }
    /// The versions that `gets` has seen while ``cacheCAS`` was on, nil for an item that did not exist.
    final var seenVersions: [MemcachedRequest.Key: CAS?] = [:]

    /// The computations of `getOrSet` in progress, in this client and its clones.
    final var computations = SharedComputations()

    /// Whether a setting, or the configuration, has been set since the client was lent.
    final var hasNewSettings = false
    final var hasNewConfiguration = false

    /// Values take the short path if no hook converts them and no observer is told of them.
    private final func choosePath() {
        let hasHooks = !type(of: self).usesDefaultFormat || usesForeignFormat
        _bypassesHooks.store(!hasHooks && !isObserved, ordering: .relaxed)
        counter = hasHooks ? nil : observer as? any CommandCounter
        isCounted = counter != nil
    }

    // MARK: - Making a client

    /// Makes a client of servers given as text, such as `["10.0.0.1:11211", "/run/memcached.sock"]`.
    ///
    /// - Parameters:
    ///   - servers: At least one address; ``Server/init(parsing:)`` has the forms. One with `protocol=ascii` makes the
    ///     client speak the ASCII protocol with all.
    ///   - binary: True to speak the binary protocol, false to speak the text protocol, pylibmc's default; nil uses the
    ///     best protocol for each command: ``MemcachedProtocol/automatic``.
    ///   - username: The SASL user name; needs a password, TCP, and another protocol than text.
    ///   - password: The SASL password.
    ///   - behaviors: The client's behaviors; those that are nil have the value of ``Behaviors/default``.
    /// - Throws: `.noServers`, `.invalidServer`, `.invalidArguments` for arguments that can't be combined, or
    ///   `.notSupported` if the loaded libmemcached is older than 1.1.
    public convenience init(
        _ servers: [String],
        binary: Bool? = nil,
        username: String? = nil,
        password: String? = nil,
        behaviors: Behaviors = .default
    ) throws(MemcachedError) {
        try self.init(
            servers,
            protocol: MemcachedProtocol(binary: binary),
            username: username,
            password: password,
            behaviors: behaviors
        )
    }

    /// Makes a client.
    ///
    /// There has to be at least one server. Parameters and errors are those of
    /// ``init(_:binary:username:password:behaviors:)``.
    public init(
        servers: [Server],
        binary: Bool? = nil,
        username: String? = nil,
        password: String? = nil,
        behaviors: Behaviors = .default
    ) throws(MemcachedError) {
        let credentials = try Credentials(username: username, password: password)
        handle = try Handle(Configuration(servers, MemcachedProtocol(binary: binary), credentials, behaviors))
        _bypassesHooks = Atomic(Self.usesDefaultFormat)
    }

    /// Makes a client of servers given as text that speaks a certain protocol, or the best one for each command.
    ///
    /// The other parameters and errors are those of ``init(_:binary:username:password:behaviors:)``.
    public convenience init(
        _ servers: [String],
        protocol choice: MemcachedProtocol,
        username: String? = nil,
        password: String? = nil,
        behaviors: Behaviors = .default
    ) throws(MemcachedError) {
        try self.init(
            servers: try [Server](parsing: servers),
            protocol: choice,
            username: username,
            password: password,
            behaviors: behaviors
        )
    }

    /// Makes a client that speaks a certain protocol, or the best one for each command.
    ///
    /// There has to be at least one server; one that says which protocol it speaks decides for all. The other
    /// parameters and errors are those of ``init(_:binary:username:password:behaviors:)``.
    public init(
        servers: [Server],
        protocol choice: MemcachedProtocol,
        username: String? = nil,
        password: String? = nil,
        behaviors: Behaviors = .default
    ) throws(MemcachedError) {
        let credentials = try Credentials(username: username, password: password)
        handle = try Handle(Configuration(servers, choice, credentials, behaviors))
        _bypassesHooks = Atomic(Self.usesDefaultFormat)
    }

    /// The state that a clone is made from.
    ///
    /// Only this library can make one.
    public struct Seed: ~Copyable {
        let handle: Handle
        let settings: Settings
    }

    /// Makes a client from a seed; ``clone()`` calls this on the dynamic type.
    public required init(_ seed: consuming sending Seed) {
        handle = seed.handle
        _bypassesHooks = Atomic(Self.usesDefaultFormat)
        settings = seed.settings
    }

    /// Makes a client like this one, of the same class, with connections of its own: pylibmc's `clone`.
    ///
    /// It has the same servers, behaviors, credentials, compression and other settings, and finds every key on the same
    /// server. It may be sent to another task or thread.
    ///
    /// - Throws: ``MemcachedError`` if memory runs out.
    open func clone() throws(MemcachedError) -> sending Self {
        Self(Seed(handle: try Handle(handle.configuration), settings: settings))
    }

    // MARK: - The format of values

    /// Turns a value into its stored form: pylibmc's `serialize`.
    ///
    /// Override it, together with ``deserialize(_:flags:as:)``, for a format that ``format`` does not offer. It runs
    /// before anything is sent, and may use the client. Whatever it throws reaches the caller as `.serialization`.
    ///
    /// - Parameter value: What the caller wants to store.
    /// - Returns: Bytes, not compressed, and flags, without those of compression.
    /// - Throws: Whatever keeps the value from being written.
    open func serialize<V: Encodable>(_ value: V) throws -> Payload {
        if _slowPath(usesForeignFormat) { return try format.encode(value) }
        return try StandardFormat.encode(value)
    }

    /// Turns the stored form into a value: pylibmc's `deserialize`.
    ///
    /// Override it, together with ``serialize(_:)``, for a format that ``format`` does not offer. It runs after
    /// everything has been read, and may use the client. Throw ``CacheMiss`` to make the value a miss; any other error
    /// reaches the caller as `.deserialization`.
    ///
    /// - Parameters:
    ///   - bytes: The stored bytes, inflated. `Array(copying:)`, `Data(copying:)` and `String(validating:)` read them.
    ///   - flags: The stored flags, without those of compression.
    ///   - type: What the caller wants.
    /// - Returns: The value.
    /// - Throws: ``CacheMiss``, or whatever keeps the value from being read.
    open func deserialize<V: Decodable>(_ bytes: RawSpan, flags: Flags, as type: V.Type) throws -> V {
        if _slowPath(usesForeignFormat) { return try format.decode(bytes, flags: flags, as: type) }
        return try StandardFormat.decode(bytes, flags: flags, as: type)
    }

    /// Whether ``serialize(_:)`` and ``deserialize(_:flags:as:)`` are the default ones, so that bytes, strings and
    /// other native values may take a shorter path.
    ///
    /// True for `Client` itself and false for its subclasses; a subclass that does not override the hooks may return
    /// true.
    open class var usesDefaultFormat: Bool { self == Client.self }
}

@available(
    *,
    unavailable,
    message: "A client belongs to one task or thread. Give every other one a clone(), or use a pool."
)
extension Client: Sendable {}
