/// The check sum of zip and Ethernet, which the Python clients hash keys by.
enum CRC32 {
    /// The check sum of the bytes.
    static func checksum(_ bytes: some Sequence<UInt8>) -> UInt32 {
        ~bytes.reduce(UInt32.max) { sum, byte in table[Int(UInt8(truncatingIfNeeded: sum) ^ byte)] ^ sum >> 8 }
    }

    /// The 15 bits of it that the first C client used, and its successors as well.
    static func memcacheHash(_ bytes: some Sequence<UInt8>) -> Int { Int(checksum(bytes) >> 16 & 0x7FFF) }

    private static let table = (UInt32(0)..<256).map { index in
        var sum = index
        for _ in 0..<8 { sum = sum & 1 == 1 ? (sum >> 1) ^ 0xEDB8_8320 : sum >> 1 }
        return sum
    }
}
