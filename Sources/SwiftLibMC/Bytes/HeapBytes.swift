internal import CPlatform

/// Bytes in a block of C's heap, of which this is the only owner.
@safe struct HeapBytes: ~Copyable {
    private let start: UnsafeMutableRawPointer
    /// How many bytes at the start of the block mean something.
    private(set) var count = 0
    /// The size of the block.
    let capacity: Int

    /// Takes a block off the heap; `nil` if there is none of that size.
    init?(capacity: Int) {
        guard let start = unsafe malloc(max(capacity, 1)) else { return nil }
        unsafe self.start = start
        self.capacity = capacity
    }

    /// Takes over a block that ``release()`` has handed over.
    init(adopting start: UnsafeMutableRawPointer, capacity: Int) {
        unsafe self.start = start
        self.capacity = capacity
    }

    /// Copies bytes to the heap; `nil` if there is no memory.
    init?(copying bytes: [UInt8]) {
        self.init(capacity: bytes.count)
        _ = unsafe fill { block in
            unsafe block.copyBytes(from: bytes)
            return bytes.count
        }
    }

    deinit { unsafe free(start) }

    /// Lends the bytes.
    func withRawSpan<R: ~Copyable, E: Error>(_ body: (RawSpan) throws(E) -> R) throws(E) -> R {
        try body(unsafe UnsafeRawBufferPointer(start: start, count: count).bytes)
    }

    /// Lends the whole block to be written from its start, and notes how much was.
    ///
    /// - Parameter body: Returns how many bytes it has written, or `nil` for none.
    /// - Returns: Whether there are any.
    mutating func fill(_ body: (UnsafeMutableRawBufferPointer) -> Int?) -> Bool {
        let written = unsafe body(UnsafeMutableRawBufferPointer(start: start, count: capacity))
        count = written ?? 0
        precondition(count <= capacity)
        return written != nil
    }

    /// Hands the block over: the caller frees it with `free`.
    consuming func release() -> (start: UnsafeMutableRawPointer, count: Int, capacity: Int) {
        let block = unsafe (start, count, capacity)
        discard self
        return unsafe block
    }
}
