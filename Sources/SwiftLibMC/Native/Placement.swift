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

    /// What the library says of a setting.
    func read(_ behavior: memcached_behavior_t) -> UInt64 { unsafe memcached_behavior_get(pointer, behavior) }

    /// The number of the server that keys routed by these bytes live on.
    @inline(__always)
    func position(of routing: RawSpan) -> Int {
        unsafe routing.withUnsafeBytes { bytes in
            unsafe Int(memcached_generate_hash(pointer, bytes.characters, bytes.count))
        }
    }
}
