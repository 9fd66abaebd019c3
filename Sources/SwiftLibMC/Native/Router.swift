internal import CLibMemcached

/// Answers libmemcached's question for the server of a key, in place of a hash, where a selector decides.
///
/// The library keeps its address; the owner of the configuration that a library object is made from keeps it alive.
@safe
final class Router: Sendable {
    private let chooser: @Sendable (RawSpan) -> Int
    private let count: Int
    /// The placement that decides where keys live, if libmemcached does so after all.
    let placement: Placement?

    init(_ selector: any ServerSelector, among servers: [Server]) {
        chooser = selector.chooser(among: servers)
        count = servers.count
        placement = nil
    }

    /// Follows a placement among as many servers.
    init(_ placement: Placement, among servers: [Server]) {
        chooser = { key in placement.position(of: key) }
        count = servers.count
        self.placement = placement
    }

    /// The position of the server for keys that are hashed by these bytes.
    private func position(of routing: RawSpan) -> UInt32 {
        let remainder = chooser(routing) % count
        return UInt32(remainder < 0 ? remainder + count : remainder)
    }

    /// Makes the library ask this router: it takes the number for a hash, whose remainder is the number itself.
    func install(in pointer: LibraryPointer) {
        unsafe pointer.pointee.hashkit.base_hash.context = Unmanaged.passUnretained(self).toOpaque()
        unsafe pointer.pointee.hashkit.base_hash.function = { key, length, context in
            guard let context = unsafe context else { return 0 }
            let router = unsafe Unmanaged<Router>.fromOpaque(context).takeUnretainedValue()
            let bytes = unsafe UnsafeRawBufferPointer(start: key, count: length)
            return router.position(of: unsafe bytes.bytes)
        }
    }
}
