/// Some items of a multi-get, lent together.
///
/// One call for each item, through closures that the compiler can't see through, would cost more than libmemcached's own
/// work; so small items are collected and handed on by the dozen.
@usableFromInline
@safe
struct FetchedBatch {
    @usableFromInline
    struct Entry {
        /// Which key the item belongs to.
        @usableFromInline let index: Int
        @usableFromInline let start: Int
        @usableFromInline let count: Int
        @usableFromInline let flags: Flags
        @usableFromInline let cas: CAS
    }

    @usableFromInline let bytes: UnsafeRawPointer
    @usableFromInline let entries: UnsafeBufferPointer<Entry>

    init(bytes: UnsafeRawPointer, entries: UnsafeBufferPointer<Entry>) {
        unsafe self.bytes = bytes
        unsafe self.entries = entries
    }

    /// Lends the items, one after the other.
    @inlinable
    @inline(__always)
    func forEach(_ body: (Entry, RawSpan) -> Void) {
        for position in unsafe 0..<entries.count {
            let entry = unsafe entries[position]
            body(entry, unsafe UnsafeRawBufferPointer(start: bytes + entry.start, count: entry.count).bytes)
        }
    }
}

/// Where the items of a batch are collected.
///
/// Kept by the handle, so that a call allocates nothing.
@safe
final class FetchedBatchBuffer {
    private static let byteCapacity = 64 << 10
    private static let entryCapacity = 256
    /// Longer values are lent straight from where the library keeps them.
    private static let longestCopy = 4 << 10

    private let bytes = UnsafeMutableRawPointer.allocate(byteCount: byteCapacity, alignment: 16)
    private let entries = UnsafeMutablePointer<FetchedBatch.Entry>.allocate(capacity: entryCapacity)
    private var used = 0
    private var count = 0

    deinit {
        unsafe bytes.deallocate()
        unsafe entries.deallocate()
    }

    /// Takes in an item; hands on what has been collected when there is no room.
    @inline(__always)
    func add(
        _ value: UnsafeRawBufferPointer,
        index: Int,
        flags: Flags,
        cas: CAS,
        _ deliver: (FetchedBatch) -> Void
    ) {
        if _slowPath(used + value.count > Self.byteCapacity || count == Self.entryCapacity) { flush(deliver) }
        let isLong = value.count > Self.longestCopy
        let start = isLong ? 0 : used
        let entry = FetchedBatch.Entry(index: index, start: start, count: value.count, flags: flags, cas: cas)
        if _slowPath(isLong) { return unsafe lend(entry, value, deliver) }
        unsafe (entries + count).initialize(to: entry)
        count += 1
        if let source = value.baseAddress {
            unsafe (bytes + used).copyMemory(from: source, byteCount: value.count)
            used += value.count
        }
    }

    /// Hands on what has been collected.
    func flush(_ deliver: (FetchedBatch) -> Void) {
        guard count > 0 else { return }
        let batch = unsafe FetchedBatch(bytes: bytes, entries: UnsafeBufferPointer(start: entries, count: count))
        clear()
        deliver(batch)
    }

    /// Forgets what a call that failed has left.
    func clear() {
        used = 0
        count = 0
    }

    private func lend(
        _ entry: FetchedBatch.Entry,
        _ value: UnsafeRawBufferPointer,
        _ deliver: (FetchedBatch) -> Void
    ) {
        guard let start = value.baseAddress else { return }
        unsafe withUnsafePointer(to: entry) { entry in
            unsafe deliver(FetchedBatch(bytes: start, entries: UnsafeBufferPointer(start: entry, count: 1)))
        }
    }
}
