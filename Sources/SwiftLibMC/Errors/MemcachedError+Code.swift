extension MemcachedError {
    /// What went wrong, as a number.
    ///
    /// Numbers below 10 000 are libmemcached's own (`memcached_return_t`), so that its manual applies; those from
    /// 10 000 are this library's. The set is open: a newer libmemcached may bring numbers that have no name here.
    public struct Code: RawRepresentable, Hashable, Sendable {
        /// The number, libmemcached's where it is below 10 000.
        public let rawValue: UInt32

        /// Makes a code from its number.
        public init(rawValue: UInt32) { self.rawValue = rawValue }

        private init(_ rawValue: UInt32) { self.rawValue = rawValue }
    }
}

// MARK: - libmemcached's codes

extension MemcachedError.Code {
    /// No error (`MEMCACHED_SUCCESS`).
    public static let success = Self(0)
    /// A failure without further detail (`MEMCACHED_FAILURE`, pylibmc `Failure`).
    public static let failure = Self(1)
    /// The server's host name could not be resolved (`MEMCACHED_HOST_LOOKUP_FAILURE`, pylibmc `HostLookupError`).
    public static let hostLookupFailure = Self(2)
    /// The server could not be reached, or it closed the connection (`MEMCACHED_CONNECTION_FAILURE`, pylibmc
    /// `ConnectionError`).
    public static let connectionFailure = Self(3)
    /// Deprecated in libmemcached (`MEMCACHED_CONNECTION_BIND_FAILURE`, pylibmc `ConnectionBindError`).
    public static let connectionBindFailure = Self(4)
    /// A request could not be sent in full (`MEMCACHED_WRITE_FAILURE`, pylibmc `WriteError`).
    public static let writeFailure = Self(5)
    /// A reply could not be read (`MEMCACHED_READ_FAILURE`, pylibmc `ReadError`).
    public static let readFailure = Self(6)
    /// The reply was not understood (`MEMCACHED_UNKNOWN_READ_FAILURE`, pylibmc `UnknownReadFailure`).
    public static let unknownReadFailure = Self(7)
    /// The reply broke the protocol (`MEMCACHED_PROTOCOL_ERROR`, pylibmc `ProtocolError`).
    public static let protocolError = Self(8)
    /// The server called the request malformed (`MEMCACHED_CLIENT_ERROR`, pylibmc `ClientError`).
    public static let clientError = Self(9)
    /// The server could not carry out the request (`MEMCACHED_SERVER_ERROR`, pylibmc `ServerError`).
    public static let serverError = Self(10)
    /// The server answered `ERROR`, as to an unknown command (`MEMCACHED_ERROR`, pylibmc `SocketCreateError`).
    public static let error = Self(11)
    /// The item exists, or has changed since its CAS token was read (`MEMCACHED_DATA_EXISTS`, pylibmc `DataExists`).
    public static let dataExists = Self(12)
    /// The item does not exist (`MEMCACHED_DATA_DOES_NOT_EXIST`, pylibmc `DataDoesNotExist`).
    public static let dataDoesNotExist = Self(13)
    /// The server declined to store the item (`MEMCACHED_NOTSTORED`).
    public static let notStored = Self(14)
    /// The item was stored (`MEMCACHED_STORED`).
    public static let stored = Self(15)
    /// No item has this key (`MEMCACHED_NOTFOUND`, pylibmc `NotFound`).
    public static let notFound = Self(16)
    /// Out of memory, here or on the server (`MEMCACHED_MEMORY_ALLOCATION_FAILURE`, pylibmc `AllocationError`).
    public static let memoryAllocationFailure = Self(17)
    /// A reply ended too early (`MEMCACHED_PARTIAL_READ`).
    public static let partialRead = Self(18)
    /// Some servers failed (`MEMCACHED_SOME_ERRORS`, pylibmc `SomeErrors`).
    public static let someErrors = Self(19)
    /// The client has no server to talk to (`MEMCACHED_NO_SERVERS`, pylibmc `NoServers`).
    public static let noServers = Self(20)
    /// The end of a list of replies (`MEMCACHED_END`).
    public static let end = Self(21)
    /// The item was deleted (`MEMCACHED_DELETED`).
    public static let deleted = Self(22)
    /// A value was read (`MEMCACHED_VALUE`).
    public static let value = Self(23)
    /// A statistic was read (`MEMCACHED_STAT`).
    public static let stat = Self(24)
    /// A slab item was read (`MEMCACHED_ITEM`).
    public static let item = Self(25)
    /// A system call failed; see ``MemcachedError/systemErrno`` (`MEMCACHED_ERRNO`).
    public static let systemError = Self(26)
    /// The unix socket could not be used, as when its path is too long (`MEMCACHED_FAIL_UNIX_SOCKET`, pylibmc
    /// `UnixSocketError`).
    public static let failUnixSocket = Self(27)
    /// The protocol or transport has no such operation (`MEMCACHED_NOT_SUPPORTED`, pylibmc `NotSupportedError`).
    public static let notSupported = Self(28)
    /// Deprecated in libmemcached (`MEMCACHED_NO_KEY_PROVIDED`).
    public static let noKeyProvided = Self(29)
    /// A fetch has more to read (`MEMCACHED_FETCH_NOTFINISHED`, pylibmc `FetchNotFinished`).
    public static let fetchNotFinished = Self(30)
    /// The server did not answer in time (`MEMCACHED_TIMEOUT`).
    public static let timeout = Self(31)
    /// The request waits in a buffer (`MEMCACHED_BUFFERED`).
    public static let buffered = Self(32)
    /// libmemcached refused the key; this library refuses it earlier, with ``badKey`` (`MEMCACHED_BAD_KEY_PROVIDED`,
    /// pylibmc `BadKeyProvided`).
    public static let badKeyProvided = Self(33)
    /// Credentials can't be used over this transport (`MEMCACHED_INVALID_HOST_PROTOCOL`, pylibmc
    /// `InvalidHostProtocolError`).
    public static let invalidHostProtocol = Self(34)
    /// The server has failed and is left out for now (`MEMCACHED_SERVER_MARKED_DEAD`, pylibmc `ServerDead`).
    public static let serverMarkedDead = Self(35)
    /// No such statistic (`MEMCACHED_UNKNOWN_STAT_KEY`, pylibmc `UnknownStatKey`).
    public static let unknownStatKey = Self(36)
    /// The value is larger than the server's item size (`MEMCACHED_E2BIG`, pylibmc `TooBig`).
    public static let tooBig = Self(37)
    /// An argument, setting or combination of them is not allowed (`MEMCACHED_INVALID_ARGUMENTS`).
    public static let invalidArguments = Self(38)
    /// A namespace is too long (`MEMCACHED_KEY_TOO_BIG`).
    public static let keyTooBig = Self(39)
    /// Authentication could not take place (`MEMCACHED_AUTH_PROBLEM`).
    public static let authProblem = Self(40)
    /// The server refused the credentials, or wants some (`MEMCACHED_AUTH_FAILURE`).
    public static let authFailure = Self(41)
    /// Authentication goes on (`MEMCACHED_AUTH_CONTINUE`).
    public static let authContinue = Self(42)
    /// libmemcached could not parse a configuration (`MEMCACHED_PARSE_ERROR`).
    public static let parseError = Self(43)
    /// libmemcached could not parse a configuration of the user's (`MEMCACHED_PARSE_USER_ERROR`).
    public static let parseUserError = Self(44)
    /// The function or setting is gone (`MEMCACHED_DEPRECATED`).
    public static let deprecated = Self(45)
    /// A connection is being made (`MEMCACHED_IN_PROGRESS`).
    public static let inProgress = Self(46)
    /// The server failed a moment ago and is not asked again yet (`MEMCACHED_SERVER_TEMPORARILY_DISABLED`, pylibmc
    /// `ServerDown`).
    public static let serverTemporarilyDisabled = Self(47)
    /// The server is out of memory (`MEMCACHED_SERVER_MEMORY_ALLOCATION_FAILURE`).
    public static let serverMemoryAllocationFailure = Self(48)
}

// MARK: - Our own codes

extension MemcachedError.Code {
    /// `serialize` could not turn the value into bytes; see ``MemcachedError/underlying``.
    public static let serialization = Self(10_000)
    /// The stored bytes are not a value of the wanted type, or are corrupt.
    public static let deserialization = Self(10_001)
    /// The key is empty, too long, or holds a byte that the protocol can't carry.
    public static let badKey = Self(10_002)
    /// The text is not a server address.
    public static let invalidServer = Self(10_003)
    /// The stored value is not a number that can be counted up or down.
    public static let notNumeric = Self(10_004)
    /// Other writers won every round of a compare-and-swap loop.
    public static let casConflict = Self(10_005)
    /// The call's own deadline passed.
    public static let commandTimeout = Self(10_006)
    /// No client of the pool became free in time.
    public static let poolExhausted = Self(10_007)
    /// The queue of an asynchronous client is full.
    public static let overloaded = Self(10_008)
    /// The calling task was cancelled.
    public static let cancelled = Self(10_009)
    /// The client or pool has been shut down.
    public static let shutdown = Self(10_010)
}
