extension Behaviors {
    /// A hash of keys or servers, by libmemcached's number (`memcached_hash_t`).
    ///
    /// Which of them exist depends on how the loaded libmemcached was built: most builds lack ``hsieh``. Setting a
    /// missing one throws ``MemcachedError/Code/invalidArguments``.
    public enum Hash: Int, CaseIterable, Hashable, Sendable {
        /// Bob Jenkins' one-at-a-time.
        ///
        /// This is libmemcached's and so pylibmc's own choice. pylibmc `default`.
        case `default` = 0
        /// The first four bytes of MD5, the hash of libketama.
        case md5 = 1
        /// CRC-32 as python-memcached uses it.
        case crc = 2
        /// FNV-1 with 64 bits, cut to 32.
        case fnv1_64 = 3
        /// FNV-1a with 64 bits, cut to 32.
        case fnv1a_64 = 4
        /// FNV-1 with 32 bits.
        case fnv1_32 = 5
        /// FNV-1a with 32 bits.
        case fnv1a_32 = 6
        /// Paul Hsieh's SuperFastHash.
        case hsieh = 7
        /// MurmurHash 2.
        case murmur = 8
        /// Bob Jenkins' lookup3.
        case jenkins = 9
        /// MurmurHash 3, which pylibmc does not have.
        case murmur3 = 10
    }
}
