import Foundation

/// An open file descriptor; it is closed with the object.
package final class Descriptor: Sendable {
    package let rawValue: CInt

    package init(_ rawValue: CInt) {
        self.rawValue = rawValue
    }

    deinit {
        close(rawValue)
    }

    /// Opens a directory and locks it, nil if another process has.
    package static func lockingDirectory(_ path: String) -> Descriptor? {
        let result = unsafe open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard result >= 0 else { return nil }
        let descriptor = Descriptor(result)
        return flock(result, LOCK_EX | LOCK_NB) == 0 ? descriptor : nil
    }

    /// Two ends of a connection within the process.
    ///
    /// When one is closed, all threads that wait on the other wake up.
    package static func pair() throws(SystemError) -> (Descriptor, Descriptor) {
        var ends: [CInt] = [-1, -1]
        let type = CInt(SOCK_STREAM.rawValue) | CInt(SOCK_CLOEXEC.rawValue)
        _ = try check("socketpair") { unsafe socketpair(AF_UNIX, type, 0, &ends) }
        return (Descriptor(ends[0]), Descriptor(ends[1]))
    }

    /// Waits until something happens to one of the descriptors, and returns which; empty when the time is over.
    ///
    /// An error or the end of a connection counts as an event, whatever was asked for.
    package static func wait(
        _ interests: [(descriptor: Descriptor, events: CInt)],
        until deadline: Deadline? = nil
    ) throws(SystemError) -> [Bool] {
        var entries = interests.map { pollfd(fd: $0.descriptor.rawValue, events: CShort($0.events), revents: 0) }
        _ = try check("poll") { unsafe poll(&entries, nfds_t(entries.count), deadline?.milliseconds ?? -1) }
        return entries.map { $0.revents != 0 }
    }
}
