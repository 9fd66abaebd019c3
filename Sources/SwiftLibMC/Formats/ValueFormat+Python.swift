// Python's clients use nearly the same flags, and compress in the same way.

extension ValueFormat {
    /// pylibmc's, the default of every client: text 16, integers 4, Booleans 2, bytes 0, zlib 8, and JSON 65536.
    public static let pylibmc = ValueFormat("pylibmc", nil)

    /// python-memcached's: pylibmc's flags with 2 for all integers, and JSON as text.
    ///
    /// The library refuses flags that it does not know; so it is given JSON as text, and a `nil` by itself can't be
    /// stored. It reads a Boolean as 0 or 1, and writes its own as a pickle.
    public static let pythonMemcached = ValueFormat(
        "pythonMemcached",
        FlagTable(
            rows: [.init(.bytes, 0), .init(.text, 16), .init(.long, 2), .init(.integer, 2), .init(.json, 16)],
            older: [.init(.long, 4)],
            objects: [.pickle: pickle]
        )
    )

    /// pymemcache's with `serde.pickle_serde` or `serde.compressed_serde`: pylibmc's flags with 2 for all integers.
    ///
    /// The library reads JSON as bytes. Without a `serde` it knows no flags at all: that is ``raw``.
    public static let pymemcache = ValueFormat(
        "pymemcache",
        FlagTable(
            rows: [
                .init(.bytes, 0), .init(.text, 16), .init(.long, 2), .init(.integer, 2),
                .init(.json, Flags.json.rawValue),
            ],
            older: [.init(.long, 4)],
            objects: [.pickle: pickle]
        ),
        usualCompression: Compression(minLength: 401)
    )

    /// python-binary-memcached's: text has no flag there, and bytes have 16.
    ///
    /// The library reads JSON as text.
    public static let bmemcached = ValueFormat(
        "bmemcached",
        FlagTable(
            rows: [
                .init(.bytes, 16), .init(.text, 0), .init(.long, 2), .init(.integer, 2),
                .init(.json, Flags.json.rawValue),
            ],
            older: [.init(.long, 4)],
            objects: [.pickle: pickle]
        ),
        usualCompression: Compression(minLength: 129)
    )

    private static let pickle = "a Python pickle"

    /// No flags at all, neither written nor read: bytes, UTF-8 text, decimal numbers and JSON as they are.
    ///
    /// For gomemcache, aiomcache, pymemcache without a `serde`, nginx, and the shell. Nothing can mark a value as
    /// compressed, so that none is compressed, whatever a call or ``Client/compression`` says.
    public static let raw = ValueFormat(
        "raw",
        FlagTable(
            rows: [.init(.bytes, 0), .init(.text, 0), .init(.long, 0), .init(.integer, 0), .init(.json, 0)],
            others: .bytes
        ),
        packing: .unmarked
    )
}
