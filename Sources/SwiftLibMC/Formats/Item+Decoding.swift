extension Item {
    /// Reads the value in the standard format, that of a client without overridden hooks.
    ///
    /// - Parameter type: What to read the value as.
    /// - Returns: The value.
    /// - Throws: `.deserialization` if the stored value is of another kind, corrupt, or larger than 64 MiB inflated.
    public func decode<V: Decodable>(as type: V.Type = V.self) throws(MemcachedError) -> V {
        try decode(as: type, format: .pylibmc)
    }

    /// Reads the value in the format of another library.
    ///
    /// - Parameters:
    ///   - type: What to read the value as.
    ///   - format: The format it is in.
    /// - Returns: The value.
    /// - Throws: `.deserialization` if the stored value is of another kind, corrupt, or larger than 64 MiB inflated.
    public func decode<V: Decodable>(as type: V.Type = V.self, format: ValueFormat) throws(MemcachedError) -> V {
        let bytes = try inflated(format.packing, limit: Deflate.defaultLimit, with: Deflate())
        do {
            return try bytes.withRawSpan { span in
                try format.decode(span, flags: format.packing.unpacked(flags), as: type)
            }
        } catch {
            throw MemcachedError(reading: type, flags: flags, key: keyText, .decode, underlying: error)
        }
    }

    /// The bytes, inflated if they are compressed.
    func inflated(_ packing: Packing, limit: Int, with deflate: Deflate) throws(MemcachedError) -> [UInt8] {
        guard packing.isPacked(flags) else { return bytes }
        return try bytes.withRawSpan { span throws(MemcachedError) in
            try deflate.inflated(span, flags: flags, packing, limit: limit, key: keyText, for: .decode)
        }
    }
}
