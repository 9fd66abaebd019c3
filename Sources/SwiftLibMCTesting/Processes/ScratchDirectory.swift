import Foundation

/// A private directory for sockets, logs and passwords; it is removed with the object.
///
/// All directories of a process are in one that the process keeps locked and removes when it exits. Processes that
/// crash leave theirs behind, and a later process removes directories that no process has locked.
package final class ScratchDirectory: Sendable {
    /// Its absolute path, short enough for unix sockets in it.
    package let path: String

    private static let prefix = "swiftlibmc-test-\(getuid())-"
    private static let count = Locked(0)
    private static let root: Result<String, SystemError> = Result { () throws(SystemError) in
        // A socket's path may have 107 bytes; the longest TMPDIRs leave too little of them.
        let temporary = FileManager.default.temporaryDirectory.path
        let parent = temporary.utf8.count <= 50 ? temporary : "/tmp"
        removeAbandoned(in: parent)
        let path = "\(parent)/\(prefix)\(owner)-\(UInt32.random(in: .min ... .max))"
        try create(path)
        lock.withLock { $0 = Descriptor.lockingDirectory(path) }
        atexit {
            guard getpid() == owner, case .success(let root) = root else { return }
            try? FileManager.default.removeItem(atPath: root)
        }
        return path
    }
    // Held until the process ends.
    private static let lock = Locked<Descriptor?>(nil)
    // A forked child has copies of these objects, but the directories are its parent's.
    private static let owner = getpid()

    /// Makes an empty directory.
    package init() throws {
        let root = try Self.root.get()
        let number = Self.count.withLock { count in
            count += 1
            return count
        }
        self.path = "\(root)/\(number)"
        try Self.create(path)
    }

    deinit {
        guard getpid() == Self.owner else { return }
        try? FileManager.default.removeItem(atPath: path)
    }

    private static func create(_ path: String) throws(SystemError) {
        do {
            try FileManager.default.createDirectory(
                atPath: path,
                withIntermediateDirectories: false,
                attributes: [.posixPermissions: 0o700]
            )
        } catch {
            throw SystemError("cannot make \(path): \(error)")
        }
    }

    private static func removeAbandoned(in parent: String) {
        let manager = FileManager.default
        for name in (try? manager.contentsOfDirectory(atPath: parent)) ?? [] where name.hasPrefix(prefix) {
            let path = "\(parent)/\(name)"
            // One that is only seconds old may be about to be locked.
            let attributes = try? manager.attributesOfItem(atPath: path)
            guard let modified = attributes?[.modificationDate] as? Date, modified.timeIntervalSinceNow < -60 else {
                continue
            }
            if Descriptor.lockingDirectory(path) != nil { try? manager.removeItem(atPath: path) }
        }
    }
}
