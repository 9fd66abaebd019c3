internal import CLibMemcached

/// The first failure of a server in the present call.
struct FirstCause {
    let code: memcached_return_t
    /// Whether it prevented a connection, so that nothing can have been sent.
    let isOfConnecting: Bool
}

extension Handle {
    /// Replaces the last error by the cause of a failed connection; nil if no cause is recorded.
    ///
    /// A multi-get connects for each key anew if that fails, so that the library's last error only says that the server
    /// is disabled; and in the ASCII protocol each failure is noted a second time, without its reason. The cause lies
    /// below these in the library's list of the errors of one call.
    func promoteCause(at position: Int) -> FirstCause? {
        let first = unsafe ErrorRecord(pointer.pointee.error_messages, of: pointer)
        guard let last = first else { return nil }
        let place = self.place(position)
        var next = first
        while let record = next {
            if !record.isFollowUp, servers.count == 1 || record.message.contains(place) {
                last.exchange(with: record)
                return FirstCause(code: last.code, isOfConnecting: last.isOfConnecting)
            }
            next = unsafe ErrorRecord(record.next, of: pointer)
        }
        return nil
    }

    /// How the library's messages name a server.
    private func place(_ position: Int) -> String {
        let server = unsafe instance(position)
        let name = unsafe String(cString: memcached_server_name(server))
        if case .unix = servers[position].endpoint { return " socket: \(name) ->" }
        return unsafe " host: \(name):\(memcached_server_port(server)) ->"
    }
}

/// One entry in the library's list of the errors of a call.
///
/// The structure is private to the library, and the same in all versions 1.1; with others it is not read. An entry is
/// trusted only if it names this library object and its present call, and its message ends where the entry says.
@safe
private struct ErrorRecord {
    private static let (root, call, next, code, size, text) = (0, 8, 16, 24, 32, 40)
    private static let longestText = 2048

    private let start: UnsafeMutableRawPointer

    init?(_ entry: OpaquePointer?, of handle: LibraryPointer) {
        guard Library.isKnown, MemoryLayout<Int>.size == 8, let entry = unsafe entry else { return nil }
        unsafe start = UnsafeMutableRawPointer(entry)
        guard unsafe start.load(fromByteOffset: Self.root, as: LibraryPointer?.self) == handle,
            unsafe start.load(fromByteOffset: Self.call, as: UInt64.self) == handle.pointee.query_id,
            unsafe (0..<Self.longestText).contains(start.load(fromByteOffset: Self.size, as: Int.self)),
            unsafe start.load(fromByteOffset: Self.text + length, as: UInt8.self) == 0
        else { return nil }
    }

    var next: OpaquePointer? { unsafe start.load(fromByteOffset: Self.next, as: OpaquePointer?.self) }
    var code: memcached_return_t { unsafe memcached_return_t(start.load(fromByteOffset: Self.code, as: UInt32.self)) }
    var message: String { unsafe String(cString: (start + Self.text).assumingMemoryBound(to: CChar.self)) }

    private var length: Int { unsafe start.load(fromByteOffset: Self.size, as: Int.self) }

    /// Whether it only repeats an earlier failure.
    var isFollowUp: Bool {
        code == MEMCACHED_SERVER_TEMPORARILY_DISABLED || code == MEMCACHED_SERVER_MARKED_DEAD
            || message.contains("/get.cc:") || message.contains("/touch.cc:")
    }

    /// Whether a connection could not be made.
    var isOfConnecting: Bool { message.contains("/connect.cc:") }

    /// Exchanges the content of two entries; each keeps its place in the list.
    func exchange(with other: ErrorRecord) {
        guard unsafe start != other.start else { return }
        let count = Self.text - Self.code + Self.longestText
        let mine = unsafe UnsafeMutableRawBufferPointer(start: start + Self.code, count: count)
        let others = unsafe UnsafeMutableRawBufferPointer(start: other.start + Self.code, count: count)
        let kept = unsafe Array(mine)
        unsafe mine.copyMemory(from: UnsafeRawBufferPointer(others))
        unsafe others.copyBytes(from: kept)
    }
}
