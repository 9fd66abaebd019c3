extension RawSpan {
    /// Whether no byte is a blank or a control byte.
    ///
    /// Without a branch per byte, so that the loop can be vectorised.
    @inline(never)
    var hasNoBlanks: Bool {
        unsafe withUnsafeBytes { bytes in
            var bad: UInt8 = 0
            for index in bytes.indices {
                let byte = unsafe bytes[index]
                bad |= (byte <= 0x20 ? 1 : 0) | (byte == 0x7F ? 1 : 0)
            }
            return bad == 0
        }
    }

    /// A quick hash, to tell keys apart and to spread them.
    ///
    /// Not the standard library's: equal keys of different types have to have the same one.
    ///
    /// - Parameter seed: Makes the hashes of one table unlike those of another. An attacker who does not know it can't
    ///   choose keys that collide.
    /// - Returns: The hash.
    func quickHash(_ seed: UInt64 = 0) -> UInt64 {
        unsafe withUnsafeBytes { bytes in
            var hash = UInt64(bytes.count) &* 0x9E37_79B9_7F4A_7C15 ^ seed
            var offset = 0
            while offset + 8 <= bytes.count {
                hash = Self.mix(hash, unsafe bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
                offset += 8
            }
            var rest: UInt64 = 0
            while offset < bytes.count {
                rest = rest << 8 | UInt64(unsafe bytes[offset])
                offset += 1
            }
            return Self.mix(hash, rest)
        }
    }

    /// Whether the bytes are those of an array.
    @inline(__always)
    func equals(_ other: [UInt8]) -> Bool {
        guard byteCount == other.count else { return false }
        return unsafe withUnsafeBytes { own in
            unsafe other.withUnsafeBytes { other in
                var offset = 0
                while offset + 8 <= own.count {
                    let word = unsafe own.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
                    if unsafe word != other.loadUnaligned(fromByteOffset: offset, as: UInt64.self) { return false }
                    offset += 8
                }
                while offset < own.count {
                    if unsafe own[offset] != other[offset] { return false }
                    offset += 1
                }
                return true
            }
        }
    }

    @inline(__always)
    private static func mix(_ hash: UInt64, _ word: UInt64) -> UInt64 {
        let product = (hash ^ word).multipliedFullWidth(by: 0xD6E8_FEB8_6659_FD93)
        return product.high ^ product.low &+ 0x2545_F491_4F6C_DD1D
    }
}
