/// Reads of keys whose frequencies follow Zipf's law.
struct Trace: Sequence, IteratorProtocol {
    private let cumulated: [Double]
    private var state: UInt64 = 0x9E37_79B9_7F4A_7C15
    /// Keys beyond those of Zipf's law that are read once each, one after the other.
    private var scanned: Int
    private let scanEvery: Int
    private let scanLength: Int
    private var step = 0
    private var left: Int

    /// Makes a trace.
    ///
    /// - Parameters:
    ///   - keys: How many keys there are.
    ///   - exponent: Zipf's exponent.
    ///   - reads: How many reads there are.
    ///   - scanEvery: After how many reads a scan begins; zero for none.
    ///   - scanLength: How many keys it reads.
    init(keys: Int, exponent: Double, reads: Int, scanEvery: Int = 0, scanLength: Int = 0) {
        var sum = 0.0
        cumulated = (1...keys).map { rank in
            sum += 1 / Double(rank).power(exponent)
            return sum
        }
        scanned = keys
        self.scanEvery = scanEvery
        self.scanLength = scanLength
        left = reads
    }

    mutating func next() -> Int? {
        guard left > 0 else { return nil }
        left -= 1
        step += 1
        if scanEvery > 0, step % (scanEvery + scanLength) >= scanEvery {
            scanned += 1
            return scanned
        }
        state ^= state << 13
        state ^= state >> 7
        state ^= state << 17
        let wanted = Double(state >> 11) / Double(1 << 53) * cumulated[cumulated.count - 1]
        var (low, high) = (0, cumulated.count - 1)
        while low < high {
            let middle = (low + high) / 2
            if cumulated[middle] < wanted { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
