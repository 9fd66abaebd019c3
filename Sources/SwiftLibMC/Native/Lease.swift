internal import Glibc

/// One fetched value in the handle's own buffer, until it is given back.
///
/// The buffer goes back and forth between libmemcached and us, so that a read neither allocates nor frees; two live
/// blocks per read would make glibc trim and fault in pages again for every large value.
@usableFromInline
@safe
struct Lease {
    @usableFromInline let start: UnsafeMutableRawPointer?
    @usableFromInline let count: Int
    /// How many bytes the block has at least.
    let capacity: Int
    @usableFromInline let flags: Flags
    @usableFromInline let cas: CAS
    /// Whether the buffer is not the handle's, but one that a value was inflated into.
    let isInflated: Bool

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
        self.capacity = capacity
        self.flags = flags
        self.cas = cas
        self.isInflated = isInflated
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
