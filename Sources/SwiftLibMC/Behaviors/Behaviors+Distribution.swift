extension Behaviors {
    /// How keys are spread over the servers, by libmemcached's number (`memcached_server_distribution_t`).
    public enum Distribution: Int, CaseIterable, Hashable, Sendable {
        /// The remainder of the hash divided by the number of servers.
        ///
        /// Nearly all keys move when a server comes or goes, and the order of servers counts. This is libmemcached's
        /// and so pylibmc's own choice.
        case modula = 0
        /// Consistent hashing; in libmemcached the same as ``consistentKetama``. pylibmc `consistent`.
        case consistent = 1
        /// Consistent hashing with the points of libketama, so that few keys move when a server comes or goes.
        case consistentKetama = 2
        /// Any server for any key, with no regard to where it was stored.
        ///
        /// Of use only where all servers lead to the same items, as proxies do. With separate servers most reads miss,
        /// and what is said about a key's server holds for that moment only.
        case random = 3
        /// Consistent hashing with the points of Java's spymemcached.
        case consistentKetamaSpy = 4
        /// Consistent hashing that heeds the weights of servers.
        ///
        /// Servers are hashed by MD5, keys as ``Behaviors/hash`` says.
        case consistentWeighted = 5
        /// The lowest bits of the hash, so that the number of servers should be a power of two.
        case virtualBucket = 6
        /// The number of distributions, which pylibmc lists among them; setting it throws.
        case consistentMax = 7

        /// Whether libmemcached places servers on a circle for it, which it has room for 100 servers on.
        var isConsistent: Bool {
            switch self {
            case .consistent, .consistentKetama, .consistentKetamaSpy, .consistentWeighted: true
            case .modula, .random, .virtualBucket, .consistentMax: false
            }
        }
    }
}
