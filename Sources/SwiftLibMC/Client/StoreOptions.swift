/// The arguments that all storing calls share, but for key and value.
public struct StoreOptions: Hashable, Sendable {
    /// When the item expires.
    public var time: Expiration
    /// Values of at least so many bytes are compressed, with 0 none; nil leaves it to ``Client/compression``.
    public var minCompressLen: Int?
    /// From 1 (fastest) to 9 (smallest), 0 for none, -1 for the usual; nil leaves it to ``Client/compression``.
    public var compressLevel: Int?
    /// Whether not to wait for the server's reply.
    public var noreply: Bool

    /// Makes options; without arguments, those of a plain `set(key, value)`.
    @inlinable
    public init(
        time: Expiration = .never,
        minCompressLen: Int? = nil,
        compressLevel: Int? = nil,
        noreply: Bool = false
    ) {
        self.time = time
        self.minCompressLen = minCompressLen
        self.compressLevel = compressLevel
        self.noreply = noreply
    }

    /// Whether the call itself says how to compress.
    ///
    /// Known to the compiler where the arguments are left out.
    @inlinable
    @inline(__always)
    var setsCompression: Bool { minCompressLen != nil || compressLevel != nil }
}

extension Client {
    /// How values of one call are compressed, or nil if they are not.
    final func compression(
        _ options: StoreOptions,
        _ operation: Operation
    ) throws(MemcachedError) -> Compression? {
        if _fastPath(!options.setsCompression && !compressesByDefault) { return nil }
        let chosen = try compression.overridden(
            minLength: options.minCompressLen,
            level: options.compressLevel,
            operation: operation.rawValue
        )
        return chosen.minLength > 0 && chosen.level != 0 ? chosen : nil
    }
}
