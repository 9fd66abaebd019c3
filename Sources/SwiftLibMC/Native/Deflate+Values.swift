extension Deflate {
    /// Lends what is to be stored of a value: itself, or its compressed form with the flag that says so.
    func withCompressed<R, E: Error>(
        _ value: RawSpan,
        _ flags: Flags,
        _ compression: Compression,
        _ body: (RawSpan, Flags) throws(E) -> R
    ) throws(E) -> R {
        guard compression.applies(to: value.byteCount) else { return try body(value, flags) }
        return try withCompressed(value, level: compression.level) { smaller throws(E) in
            guard let smaller else { return try body(value, flags) }
            return try body(smaller, flags.union(.zlib))
        }
    }

    /// Inflates a fetched value into a block that takes the fetched one's place as the handle's buffer.
    func inflated(
        _ lease: Lease,
        limit: Int,
        key: @autoclosure () -> String,
        _ operation: Operation
    ) throws(MemcachedError) -> Lease {
        try lease.withSpan { bytes throws(MemcachedError) in
            let block = unsafe try inflatedBlock(bytes, limit: limit, key: key(), operation).release()
            return unsafe Lease(
                start: block.start,
                count: block.count,
                capacity: block.capacity,
                flags: lease.flags.subtracting(.zlib),
                cas: lease.cas
            )
        }
    }

    /// Inflates a value into an array.
    func inflated(
        _ bytes: RawSpan,
        limit: Int,
        key: @autoclosure () -> String,
        _ operation: Operation
    ) throws(MemcachedError) -> [UInt8] {
        let block = try inflatedBlock(bytes, limit: limit, key: key(), operation)
        let array = block.withRawSpan { Array(copying: $0) }
        recycle(block)
        return array
    }

    private func inflatedBlock(
        _ bytes: RawSpan,
        limit: Int,
        key: @autoclosure () -> String,
        _ operation: Operation
    ) throws(MemcachedError) -> HeapBytes {
        do {
            return try inflate(bytes, limit: limit)
        } catch {
            let detail =
                switch error {
                case .corrupt: "the compressed value is corrupt"
                case .tooLarge: "the compressed value stands for more than the \(limit) bytes that are allowed"
                case .outOfMemory: "there is no memory to inflate the value"
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
}
