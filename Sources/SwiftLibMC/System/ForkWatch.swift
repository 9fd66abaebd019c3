internal import CPlatform

/// Counts the forks that led to this process.
///
/// A child that wrote to a socket inherited from its parent would mix up both their replies (hazard 98), so every
/// handle compares this count with the one it was made under. Asking for the process id instead would cost a system
/// call each time.
enum ForkWatch {
    /// The count, and the lock for repairs. They live forever.
    // `nonisolated(unsafe)`: the pointers never change. The child alone writes to the count, and makes the lock anew,
    // while it has only one thread. The handler can't capture them, so it asks for them by name; that is safe, since
    // the initialiser has ended by then.
    nonisolated(unsafe) private static let (counter, repairs):
        (
            UnsafeMutablePointer<UInt32>, UnsafeMutablePointer<pthread_mutex_t>
        ) = {
            let counter = UnsafeMutablePointer<UInt32>.allocate(capacity: 1)
            let repairs = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
            unsafe counter.initialize(to: 0)
            unsafe pthread_mutex_init(repairs, nil)
            _ = pthread_atfork(nil, nil) {
                unsafe ForkWatch.counter.pointee &+= 1
                unsafe pthread_mutex_init(ForkWatch.repairs, nil)
            }
            return unsafe (counter, repairs)
        }()

    /// The address of the count, for code that reads it all the time.
    static var generation: UnsafePointer<UInt32> { unsafe UnsafePointer(counter) }

    /// The count as it is now.
    static var count: UInt32 { unsafe counter.pointee }

    /// Runs `body`, which repairs in a child process what can't be inherited, on one thread at a time.
    static func repair(_ body: () -> Void) {
        unsafe pthread_mutex_lock(repairs)
        body()
        unsafe pthread_mutex_unlock(repairs)
    }
}
