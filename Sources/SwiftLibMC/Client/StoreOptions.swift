/// The arguments that all storing calls share.
@usableFromInline
struct StoreOptions: Sendable {
    @usableFromInline let time: Expiration
    @usableFromInline let minCompressLen: Int?
    @usableFromInline let compressLevel: Int?
    @usableFromInline let noreply: Bool

    /// Whether the call itself says how to compress.
    ///
    /// Known to the compiler where the arguments are left out.
    @inlinable
    @inline(__always)
    var setsCompression: Bool { minCompressLen != nil || compressLevel != nil }

    @inlinable
    init(time: Expiration = .never, minCompressLen: Int? = nil, compressLevel: Int? = nil, noreply: Bool = false) {
        self.time = time
        self.minCompressLen = minCompressLen
        self.compressLevel = compressLevel
        self.noreply = noreply
    }
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

    /// Whether this call to store asks for no reply, by itself or by the behavior.
    final func isQuiet(_ command: StoreCommand, _ options: StoreOptions) -> Bool {
        options.noreply || handle.traits.isQuiet(command)
    }

    /// Whether this call asks for no reply, by itself or by the behavior.
    final func isQuiet(_ options: StoreOptions) -> Bool {
        options.noreply || handle.traits.isQuiet
    }
}
