/// Byte strings, one behind the other in one block, and where each ends.
///
/// An array would do, at three times the cost for each string.
@safe
final class PackedBytes {
    private var bytes: UnsafeMutableRawBufferPointer
    private var used = 0
    /// How many bytes the strings have together.
    var byteCount: Int { used }
    /// Where each string ends, behind a zero where the first one starts.
    private var ends: UnsafeMutableBufferPointer<Int>
    /// How many strings there are.
    private(set) var count = 0

    init(expecting count: Int, averageLength: Int) {
        unsafe bytes = .allocate(byteCount: count * averageLength, alignment: 1)
        unsafe ends = .allocate(capacity: count + 1)
        unsafe ends.initializeElement(at: 0, to: 0)
    }

    deinit {
        unsafe bytes.deallocate()
        unsafe ends.deallocate()
    }

    /// Where a string is in the block.
    @inline(__always)
    func range(_ index: Int) -> Range<Int> {
        precondition(index < count)
        return unsafe ends[index]..<ends[index + 1]
    }

    /// Adds bytes to the string that has not ended yet.
    @inline(__always)
    func append(_ part: RawSpan) {
        let length = part.byteCount
        if _slowPath(unsafe used + length > bytes.count || count + 1 == ends.count) { grow(by: length) }
        unsafe part.withUnsafeBytes { part in
            guard let start = part.baseAddress, let base = unsafe bytes.baseAddress else { return }
            unsafe (base + used).copyMemory(from: start, byteCount: length)
        }
        used += length
    }

    /// Ends a string if it is a good one, and else drops it; some bytes must have been added.
    @inline(__always)
    func endString(if isGood: (RawSpan) -> Bool) -> Bool {
        precondition(unsafe count + 1 < ends.count)
        let start = unsafe ends[count]
        let string = unsafe UnsafeRawBufferPointer(
            start: bytes.baseAddress.unsafelyUnwrapped + start,
            count: used - start
        )
        guard _fastPath(isGood(unsafe string.bytes)) else {
            used = start
            return false
        }
        count += 1
        unsafe ends.initializeElement(at: count, to: used)
        return true
    }

    /// Lends one string.
    @inline(__always)
    func withString<R, E: Error>(_ index: Int, _ body: (RawSpan) throws(E) -> R) throws(E) -> R {
        let string = unsafe UnsafeRawBufferPointer(rebasing: bytes[range(index)])
        return try body(unsafe string.bytes)
    }

    /// Lends the block and where its strings end.
    @inline(__always)
    func withBytes<R, E: Error>(
        _ body: (UnsafeRawBufferPointer, UnsafeBufferPointer<Int>) throws(E) -> R
    ) throws(E) -> R {
        let strings = unsafe UnsafeRawBufferPointer(rebasing: bytes[..<used])
        let ends = unsafe UnsafeBufferPointer(rebasing: ends[...count])
        return try unsafe body(strings, ends)
    }

    @inline(never)
    private func grow(by length: Int) {
        let larger = unsafe UnsafeMutableRawBufferPointer.allocate(
            byteCount: max(2 * bytes.count, used + length),
            alignment: 1
        )
        unsafe larger.copyMemory(from: UnsafeRawBufferPointer(rebasing: bytes[..<used]))
        unsafe bytes.deallocate()
        unsafe bytes = larger
        let more = unsafe UnsafeMutableBufferPointer<Int>.allocate(capacity: 2 * ends.count + 1)
        _ = unsafe more.initialize(fromContentsOf: ends[...count])
        unsafe ends.deallocate()
        unsafe ends = more
    }
}
