internal import CPlatform

/// One fetched value in the handle's own buffer, until it is given back.
///
/// The buffer goes back and forth between libmemcached and this library, so that a read neither allocates nor frees;
/// two live blocks per read would make glibc trim and fault in pages again for every large value.
@usableFromInline
@safe
struct Lease {
    @usableFromInline let start: UnsafeMutableRawPointer?
    @usableFromInline let count: Int
    /// How many bytes the block has at least; negative if a value was inflated into it, which saves each read another
    /// property.
    private let signedCapacity: Int
    @usableFromInline let flags: Flags
    @usableFromInline let cas: CAS

    var capacity: Int { abs(signedCapacity) }
    /// Whether the block is not the handle's buffer, but one that a value was inflated into.
    var isInflated: Bool { signedCapacity < 0 }
    /// The capacity of a block that can be kept as the handle's buffer: one of the usual item size, and room to spare.
    @inline(__always)
    var keptCapacity: Int? { UInt(bitPattern: signedCapacity) <= 4 << 20 ? signedCapacity : nil }

    @inline(__always)
    init(
        start: UnsafeMutableRawPointer?,
        count: Int,
        capacity: Int,
        flags: Flags,
        cas: CAS,
        isInflated: Bool = false
    ) {
        unsafe self.start = start
        self.count = count
        signedCapacity = isInflated ? -capacity : capacity
        self.flags = flags
        self.cas = cas
    }

    /// Lends the bytes.
    @inlinable
    @inline(__always)
    func withSpan<R, E: Error>(_ body: (RawSpan) throws(E) -> R) throws(E) -> R {
        try body(unsafe UnsafeRawBufferPointer(start: start, count: count).bytes)
    }

    /// Frees the buffer instead of giving it back.
    func discard() { unsafe free(start) }
}
