/// What the thread of an asynchronous client has read for a task, which makes of it what it wants.
struct FoundValue {
    private enum Bytes {
        case own([UInt8])
        /// One of many short ones, which share a block.
        ///
        /// Memory that one thread allocates and others free makes them wait for each other, so there is to be little
        /// of it. Nothing is added to the block any more when its first reader learns of it.
        case shared(PackedBytes, index: Int)
    }

    private let stored: Bytes
    let flags: Flags
    let cas: CAS

    /// Longer values are not worth another copy.
    private static let longestShared = 4096

    init(_ bytes: [UInt8], _ flags: Flags, _ cas: CAS) {
        stored = .own(bytes)
        self.flags = flags
        self.cas = cas
    }

    /// Keeps a copy of bytes, in `block` if they are few.
    init(copying bytes: RawSpan, _ flags: Flags, _ cas: CAS, in block: PackedBytes) {
        self.flags = flags
        self.cas = cas
        if bytes.byteCount > Self.longestShared {
            stored = .own(Array(copying: bytes))
        } else {
            block.append(bytes)
            _ = block.endString { _ in true }
            stored = .shared(block, index: block.count - 1)
        }
    }

    /// The bytes as they are stored.
    var bytes: [UInt8] {
        switch stored {
        case .own(let bytes): bytes
        case .shared(let block, let index): block.withString(index) { Array(copying: $0) }
        }
    }

    /// Lends the bytes as they are stored.
    func withBytes<R, E: Error>(_ body: (RawSpan) throws(E) -> R) throws(E) -> R {
        switch stored {
        case .own(let bytes): try bytes.withRawSpan(body)
        case .shared(let block, let index): try block.withString(index, body)
        }
    }
}
