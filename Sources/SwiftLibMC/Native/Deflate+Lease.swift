extension Deflate {
    /// Inflates a fetched value into a block of this library's, which ``recycle(_:)`` takes back.
    func inflated(
        _ lease: Lease,
        _ packing: Packing,
        limit: Int,
        key: @autoclosure () -> String,
        _ operation: Operation
    ) throws(MemcachedError) -> Lease {
        try lease.withSpan { bytes throws(MemcachedError) in
            let block = unsafe try inflatedBlock(
                bytes,
                flags: lease.flags,
                packing,
                limit: limit,
                key: key(),
                for: operation
            ).release()
            return unsafe Lease(
                start: block.start,
                count: block.count,
                capacity: block.capacity,
                flags: packing.unpacked(lease.flags),
                cas: lease.cas,
                isInflated: true
            )
        }
    }

    /// Keeps the block of an inflated value for the next one: allocating and freeing a large block for each read would
    /// make glibc return memory to the system and fault it in again.
    func recycle(_ lease: Lease) {
        guard let start = unsafe lease.start else { return }
        recycle(unsafe HeapBytes(adopting: start, capacity: lease.capacity))
    }
}
