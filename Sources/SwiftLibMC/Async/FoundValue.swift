/// What the thread of an asynchronous client has read for a task, which makes of it what it wants.
struct FoundValue {
    fileprivate enum Bytes {
        case own([UInt8])
        /// One of many short ones, which share a block: memory that one thread allocates and others free makes them
        /// wait for each other, so there is to be little of it.
        case shared(ByteBlock, at: Range<Int>)
    }

    private let stored: Bytes
    let flags: Flags
    let cas: CAS

    init(_ bytes: [UInt8], _ flags: Flags, _ cas: CAS) {
        stored = .own(bytes)
        self.flags = flags
        self.cas = cas
    }

    init(_ bytes: RawSpan, _ flags: Flags, _ cas: CAS, in store: inout Store) {
        stored = store.keep(bytes)
        self.flags = flags
        self.cas = cas
    }

    /// The bytes as they are stored.
    var bytes: [UInt8] {
        switch stored {
        case .own(let bytes): bytes
        case .shared(let block, let place): block.withBytes(at: place) { Array(copying: $0) }
        }
    }

    /// Lends the bytes as they are stored.
    func withBytes<R, E: Error>(_ body: (RawSpan) throws(E) -> R) throws(E) -> R {
        switch stored {
        case .own(let bytes): try bytes.withRawSpan(body)
        case .shared(let block, let place): try block.withBytes(at: place, body)
        }
    }

    /// Keeps the bytes of the values that are read together.
    struct Store {
        /// Longer values are not worth another copy.
        private static let longestShared = 4 << 10
        private static let largestBlock = 32 << 10

        private var block: ByteBlock

        init(expecting count: Int) {
            block = ByteBlock(capacity: min(max(count * 128, Self.longestShared), Self.largestBlock))
        }

        fileprivate mutating func keep(_ bytes: RawSpan) -> Bytes {
            if bytes.byteCount > Self.longestShared { return .own(Array(copying: bytes)) }
            if let place = block.append(bytes) { return .shared(block, at: place) }
            block = ByteBlock(capacity: Self.largestBlock)
            return keep(bytes)
        }
    }
}
