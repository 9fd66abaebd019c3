/// Keeps the bytes of values that are read together, the short ones in common blocks.
struct SharedValues {
    /// Longer values are not worth another copy.
    private static let longestShared = 4 << 10
    private static let largestBlock = 32 << 10

    private var block: ByteBlock

    init(expecting count: Int) {
        block = ByteBlock(capacity: min(max(count * 128, Self.longestShared), Self.largestBlock))
    }

    /// Makes a value with a copy of the bytes.
    mutating func keep(_ bytes: RawSpan, _ flags: Flags, _ cas: CAS) -> MemcachedResponse.Value {
        if bytes.byteCount > Self.longestShared {
            return MemcachedResponse.Value(bytes: Array(copying: bytes), flags: flags, cas: cas)
        }
        if let place = block.append(bytes) {
            let (start, count) = (UInt32(place.lowerBound), UInt32(place.count))
            return MemcachedResponse.Value(.shared(block, start: start, count: count), flags: flags, cas: cas)
        }
        block = ByteBlock(capacity: Self.largestBlock)
        return keep(bytes, flags, cas)
    }
}
