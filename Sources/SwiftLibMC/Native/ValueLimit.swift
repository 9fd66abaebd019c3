internal import CLibMemcached

/// The limit on the bytes of a value that is read.
///
/// libmemcached takes the memory for a value as soon as the server has said how long it is. So its blocks are allocated
/// here, and none is longer than a value may be.
@safe
final class ValueLimit {
    private let memory = UnsafeMutablePointer<swiftlibmc_memory>.allocate(capacity: 1)

    static var usual: Int { 64 << 20 }
    /// The size that may be read in any case, for the library's own purposes; longer values are refused when they have
    /// been read.
    private static var least: Int { 1 << 20 }
    /// How much longer blocks are than values, at most.
    private static var extra: Int { 4 << 10 }

    init() {
        unsafe memory.initialize(to: swiftlibmc_memory(limit: Self.usual + Self.extra, refused: 0))
    }

    deinit { unsafe memory.deallocate() }

    /// Has a library object observe the limit.
    func install(in pointer: LibraryPointer) { unsafe swiftlibmc_use_memory(pointer, memory) }

    /// Changes the limit.
    func set(_ count: Int) { unsafe memory.pointee.limit = min(max(count, Self.least), .max / 2) + Self.extra }

    /// Whether a value was too long since this was last reset.
    var hasRefused: Bool { unsafe memory.pointee.refused != 0 }

    /// Notes a value that is too long.
    func refuse(_ count: Int) { unsafe memory.pointee.refused = count }

    /// Returns how long it was, in bytes, and forgets it.
    func takeRefused() -> Int {
        defer { unsafe memory.pointee.refused = 0 }
        return unsafe memory.pointee.refused
    }

    /// Whether such a length is only known to the kilobyte: the value has not been read.
    static func isRounded(_ count: Int) -> Bool { count > least }
}

extension Handle {
    /// Refuses a value that has been read; returns the code for that.
    @inline(never)
    func refuse(_ count: Int) -> memcached_return_t {
        valueLimit.refuse(count)
        return MEMCACHED_MEMORY_ALLOCATION_FAILURE
    }

    /// The error for a value that is longer than allowed.
    func tooLong(_ count: Int, _ operation: Operation, at position: Int, key: String?) -> MemcachedError {
        let size = ValueLimit.isRounded(count) ? "about \(count >> 10) KiB" : "\(count) bytes"
        return MemcachedError(
            code: .tooBig,
            operation: operation,
            detail: "the value has \(size), and \(maxValueBytes) bytes are read at most (maxValueBytes)",
            key: key,
            server: servers[position]
        )
    }
}

extension MemcachedError {
    /// Whether other keys of the same request, and of the same server, may still be found.
    var maySpareOtherKeys: Bool { isErrorLine || code == .tooBig }
}
