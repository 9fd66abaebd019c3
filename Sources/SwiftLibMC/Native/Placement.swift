internal import CLibMemcached

/// Where keys live, for any thread to ask.
///
/// It has a `memcached_st` of its own that never talks to a server. Looking up a server only reads it.
@safe
final class Placement: Sendable {
    // `nonisolated(unsafe)`: what it points to is complete when this object is, and never written again.
    nonisolated(unsafe) private let pointer: LibraryPointer
    /// Holds the selector that the library may ask.
    private let configuration: Configuration

    init(_ configuration: Configuration) throws(MemcachedError) {
        self.configuration = configuration
        unsafe pointer = try Handle.makeLibraryObject(configuration)
    }

    deinit { unsafe memcached_free(pointer) }

    /// The number of the server that keys routed by these bytes live on.
    @inline(__always)
    func position(of routing: RawSpan) -> Int {
        unsafe routing.withUnsafeBytes { bytes in
            unsafe Int(memcached_generate_hash(pointer, bytes.characters, bytes.count))
        }
    }
}

extension RawSpan {
    /// A quick hash, to tell keys apart and to spread them.
    ///
    /// Not the standard library's: equal keys of different types have to have the same one.
    func quickHash() -> UInt64 {
        unsafe withUnsafeBytes { bytes in
            var hash = UInt64(bytes.count) &* 0x9E37_79B9_7F4A_7C15
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

    @inline(__always)
    private static func mix(_ hash: UInt64, _ word: UInt64) -> UInt64 {
        let product = (hash ^ word).multipliedFullWidth(by: 0xD6E8_FEB8_6659_FD93)
        return product.high ^ product.low &+ 0x2545_F491_4F6C_DD1D
    }
}
