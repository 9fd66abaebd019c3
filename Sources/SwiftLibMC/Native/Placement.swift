internal import CLibMemcached

/// Says where keys live, for any thread.
///
/// It has a `memcached_st` of its own that never talks to a server. Looking up a server only reads it.
@safe
final class Placement: Sendable {
    // `nonisolated(unsafe)`: what it points to is complete when this object is, and never written again.
    nonisolated(unsafe) private let pointer: LibraryPointer
    /// Keeps the selector that the library may call.
    private let configuration: Configuration

    init(_ configuration: Configuration) throws(MemcachedError) {
        self.configuration = configuration
        unsafe pointer = try Handle.makeLibraryObject(configuration)
    }

    deinit { unsafe memcached_free(pointer) }

    /// The library's value of a setting.
    func read(_ behavior: memcached_behavior_t) -> UInt64 { unsafe memcached_behavior_get(pointer, behavior) }

    /// The number of the server that keys routed by these bytes live on.
    @inline(__always)
    func position(of routing: RawSpan) -> Int {
        unsafe routing.withUnsafeBytes { bytes in
            unsafe Int(memcached_generate_hash(pointer, bytes.characters, bytes.count))
        }
    }
}
