/// The name of a public method, for errors, logs and metrics.
///
/// The raw value is the text of ``MemcachedError/operation``. New versions may add cases.
#if hasAttribute(nonexhaustive)
    @nonexhaustive
#endif
public enum MemcachedOperation: String, CaseIterable, Hashable, Sendable {
    // Commands, which are sent as a ``MemcachedRequest``.
    case get, gets, gat, withBytes, item, contains, getOrSet
    case set, add, replace, append, prepend, cas, delete, touch, incr, decr, update
    case getMulti, getMultiArray, getsMulti, items
    case setMulti, addMulti, replaceMulti, deleteMulti, incrMulti, decrMulti, touchMulti
    case flushAll, getStats, version, ping, decode, disconnectAll
    // Other methods of a client or a pool.
    case hash, server, checkKey
    case create = "init"
    case setBehaviors, setServers, removeServer, forgetDeadHosts, discover, forEachStoredKey
    case verbosity, cacheMemlimit, shutdown, metadata, watch
    case withClient, tryWithClient, run
}

@usableFromInline typealias Operation = MemcachedOperation
