extension Deflate {
    /// Lends the form in which a value is stored: itself, or its compressed form with the flag that says so.
    func withCompressed<R, E: Error>(
        _ value: RawSpan,
        flags: Flags,
        _ compression: Compression,
        packing: Packing,
        _ body: (RawSpan, Flags) throws(E) -> R
    ) throws(E) -> R {
        guard compression.applies(to: value.byteCount), packing.framing != .unmarked else {
            return try body(value, flags)
        }
        let format: Format = packing.framing == .gzip ? .gzip : .zlib
        return try withCompressed(value, level: compression.level, as: format) { smaller throws(E) in
            guard let smaller else { return try body(value, flags) }
            guard packing.framing == .php else { return try body(smaller, flags.union(packing.mark)) }
            let framed = PHPFrame.around(smaller, length: value.byteCount)
            guard framed.count < value.byteCount else { return try body(value, flags) }
            return try framed.withRawSpan { framed throws(E) in try body(framed, flags.union(packing.mark)) }
        }
    }

    /// Inflates a value into an array.
    func inflated(
        _ bytes: RawSpan,
        flags: Flags,
        _ packing: Packing,
        limit: Int,
        key: @autoclosure () -> String,
        for operation: Operation
    ) throws(MemcachedError) -> [UInt8] {
        let block = try inflatedBlock(bytes, flags: flags, packing, limit: limit, key: key(), for: operation)
        let array = block.withRawSpan { Array(copying: $0) }
        recycle(block)
        return array
    }

    /// Inflates a value into a block of its own.
    func inflatedBlock(
        _ bytes: RawSpan,
        flags: Flags,
        _ packing: Packing,
        limit: Int,
        key: @autoclosure () -> String,
        for operation: Operation
    ) throws(MemcachedError) -> HeapBytes {
        do {
            switch packing.framing {
            case .zlib, .unmarked: return try inflate(bytes, limit: limit)
            case .gzip: return try inflate(bytes, limit: limit, as: .gzip)
            case .zlibOrGzip: return try inflate(bytes, limit: limit, as: Format(of: bytes))
            case .php: return try inflateFramed(bytes, flags, limit: limit)
            }
        } catch {
            let detail =
                switch error {
                case .corrupt: "the compressed value is corrupt"
                case .tooLarge: "the compressed value stands for more than the \(limit) bytes that are allowed"
                case .outOfMemory: "there is no memory to inflate the value"
                case .unsupported: "the value is compressed in a way that this library does not read"
                }
            throw MemcachedError(
                code: .deserialization,
                operation: operation,
                detail: detail,
                key: key(),
                underlying: error
            )
        }
    }

    /// Inflates a value of php-memcached, which says how long it is.
    private func inflateFramed(_ bytes: RawSpan, _ flags: Flags, limit: Int) throws(InflateError) -> HeapBytes {
        guard let frame = PHPFrame(bytes, flags) else { throw .corrupt }
        guard frame.length <= limit else { throw .tooLarge }
        let stream = bytes.extracting(PHPFrame.headerLength...)
        switch frame.kind {
        case .zlib:
            do throws(InflateError) {
                let block = try inflate(stream, limit: frame.length)
                guard block.count == frame.length else { throw .corrupt }
                return block
            } catch {
                // The limit here is the length that the value states, not the one that is allowed.
                throw error == .tooLarge ? .corrupt : error
            }
        case .fastLZ:
            guard let inflated = FastLZ.inflate(Array(copying: stream), count: frame.length) else { throw .corrupt }
            guard let block = HeapBytes(copying: inflated) else { throw .outOfMemory }
            return block
        case .zstd:
            throw .unsupported
        }
    }
}

extension Deflate.Format {
    /// The format that the first bytes of a stream indicate.
    fileprivate init(of bytes: RawSpan) {
        self = bytes.byteCount > 1 && bytes.byte(at: 0) == 0x1F && bytes.byte(at: 1) == 0x8B ? .gzip : .zlib
    }
}
