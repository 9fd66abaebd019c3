internal import Glibc

/// Counts the forks that led to this process.
///
/// A child that wrote to a socket inherited from its parent would mix up both their replies (hazard 98), so every
/// handle compares this count with the one it was made under. Asking for the process id instead would cost a system
/// call each time.
enum ForkWatch {
    /// The count. One word that is written by the child alone, while it has only one thread, and that lives for ever.
    // `nonisolated(unsafe)`: the pointer never changes, and what it points to is written as said above. The handler
    // can't capture it, so it asks for it by name; that is safe, since the initialiser has ended by then.
    nonisolated(unsafe) static let generation: UnsafeMutablePointer<UInt32> = {
        let counter = UnsafeMutablePointer<UInt32>.allocate(capacity: 1)
        unsafe counter.initialize(to: 0)
        _ = pthread_atfork(nil, nil) {
            unsafe ForkWatch.generation.pointee &+= 1
            unsafe pthread_mutex_init(ForkWatch.repairs, nil)
        }
        return unsafe counter
    }()

    // `nonisolated(unsafe)`: the pointer never changes, and what it points to is a lock.
    nonisolated(unsafe) private static let repairs: UnsafeMutablePointer<pthread_mutex_t> = {
        let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
        unsafe pthread_mutex_init(mutex, nil)
        return unsafe mutex
    }()

    /// The count as it is now.
    static var count: UInt32 { unsafe generation.pointee }

    /// Runs `body`, which mends in a child what can't be inherited, on one thread at a time.
    static func repair(_ body: () -> Void) {
        unsafe pthread_mutex_lock(repairs)
        body()
        unsafe pthread_mutex_unlock(repairs)
    }
}
