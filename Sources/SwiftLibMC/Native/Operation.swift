/// The name of the public method that is running, for error messages.
@usableFromInline
enum Operation: String, Sendable {
    case get, gets, withBytes, item, contains, getOrSet
    case set, add, replace, append, prepend, cas, delete, touch, incr, decr, update
    case getMulti, getMultiArray, getsMulti, items
    case setMulti, addMulti, replaceMulti, deleteMulti, incrMulti, decrMulti, touchMulti
    case flushAll, getStats, version, ping, hash, server, decode, disconnectAll, checkKey
    case create = "init"
    case setBehaviors, setServers, removeServer, forgetDeadHosts, discover, forEachStoredKey
    case verbosity, cacheMemlimit, shutdown
    case withClient, tryWithClient, run
}
