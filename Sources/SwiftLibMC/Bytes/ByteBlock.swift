/// A block of memory that one thread fills bit by bit, while others read what is in it already.
///
/// It neither grows nor moves. A reader learns the place of a part through something that orders memory, after the part
/// has been filled in.
@safe
final class ByteBlock: @unchecked Sendable {
    private let start: UnsafeMutableRawPointer
    private let capacity: Int
    /// How much is filled; readers don't use it.
    private var used = 0

    init(capacity: Int) {
        unsafe start = .allocate(byteCount: capacity, alignment: 1)
        self.capacity = capacity
    }

    deinit { unsafe start.deallocate() }

    /// Fills in a copy of bytes and says where it is; nil if there is no room.
    func append(_ bytes: RawSpan) -> Range<Int>? {
        guard bytes.byteCount <= capacity - used else { return nil }
        let place = used..<used + bytes.byteCount
        unsafe bytes.withUnsafeBytes { bytes in
            guard let source = bytes.baseAddress else { return }
            unsafe (start + place.lowerBound).copyMemory(from: source, byteCount: bytes.count)
        }
        used = place.upperBound
        return place
    }

    /// Lends a part that has been filled in.
    func withBytes<R, E: Error>(at place: Range<Int>, _ body: (RawSpan) throws(E) -> R) throws(E) -> R {
        precondition(place.lowerBound >= 0 && place.upperBound <= capacity)
        let part = unsafe UnsafeRawBufferPointer(start: start + place.lowerBound, count: place.count)
        return try body(unsafe part.bytes)
    }
}
