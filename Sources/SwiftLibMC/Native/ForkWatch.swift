internal import Glibc

/// Counts the forks that led to this process.
///
/// A child that wrote to a socket inherited from its parent would mix up both their replies (HAZARDS 98), so every handle
/// compares this count with the one it was made under. Asking for the process id instead would cost a system call each
/// time.
enum ForkWatch {
    /// The count. One word that is written by the child alone, while it has only one thread, and that lives for ever.
    // `nonisolated(unsafe)`: the pointer never changes, and what it points to is written as said above. The handler can't
    // capture it, so it asks for it by name; that is safe, since the initialiser has ended by then.
    nonisolated(unsafe) static let generation: UnsafeMutablePointer<UInt32> = {
        let counter = UnsafeMutablePointer<UInt32>.allocate(capacity: 1)
        unsafe counter.initialize(to: 0)
        _ = pthread_atfork(nil, nil) { unsafe ForkWatch.generation.pointee &+= 1 }
        return unsafe counter
    }()

    /// The count as it is now.
    static var count: UInt32 { unsafe generation.pointee }
}
