/// MurmurHash 3 with 32 bits, fed byte by byte, so that a common prefix of many keys is hashed once.
struct Murmur3: Sendable {
    private var hash: UInt32
    /// The bytes of the last, incomplete block.
    private var block: UInt32 = 0
    private var count: UInt32 = 0

    init(seed: UInt32 = 0) { hash = seed }

    mutating func combine(_ byte: UInt8) {
        block |= UInt32(byte) << (count % 4 * 8)
        count &+= 1
        guard count % 4 == 0 else { return }
        hash ^= Self.mixed(block)
        hash = (hash << 13 | hash >> 19) &* 5 &+ 0xE654_6B64
        block = 0
    }

    mutating func combine(_ bytes: some Sequence<UInt8>) {
        for byte in bytes { combine(byte) }
    }

    /// The hash of all bytes so far.
    var value: UInt32 {
        var value = hash ^ Self.mixed(block) ^ count
        value = (value ^ value >> 16) &* 0x85EB_CA6B
        value = (value ^ value >> 13) &* 0xC2B2_AE35
        return value ^ value >> 16
    }

    private static func mixed(_ block: UInt32) -> UInt32 {
        let product = block &* 0xCC9E_2D51
        return (product << 15 | product >> 17) &* 0x1B87_3593
    }
}
