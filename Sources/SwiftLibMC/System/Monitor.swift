internal import CPlatform

/// State that several threads share, behind a lock, and a way to wait until it is as wanted.
///
/// Not `Synchronization.Mutex`: nobody can wait on that one, and the thread sanitizer does not understand it.
@safe
package final class Monitor<State>: @unchecked Sendable {
    // Sendable because `state` is only touched with `mutex` held, and what was handed in for it was given away.
    // Behind a pointer: that no two accesses overlap is the lock's business, and Swift need not check it each time.
    private let state = UnsafeMutablePointer<State>.allocate(capacity: 1)
    private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private let change = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)

    /// The process that they were made for.
    private var forkStamp: UInt32
    private let forkCounter: UnsafePointer<UInt32>

    package init(_ state: sending State) {
        unsafe self.state.initialize(to: state)
        unsafe forkCounter = ForkWatch.generation
        forkStamp = unsafe forkCounter.pointee
        makeLocks()
    }

    private func makeLocks() {
        unsafe swiftlibmc_mutex_init(mutex)
        unsafe swiftlibmc_condition_init(change)
    }

    deinit {
        unsafe pthread_cond_destroy(change)
        unsafe pthread_mutex_destroy(mutex)
        unsafe change.deallocate()
        unsafe mutex.deallocate()
        unsafe state.deinitialize(count: 1)
        unsafe state.deallocate()
    }

    @inline(__always)
    private func lock() {
        if _slowPath(unsafe forkStamp != forkCounter.pointee) { makeLocksAnew() }
        unsafe pthread_mutex_lock(mutex)
    }

    /// In a forked child: the threads that hold the lock, or wait, are the parent's, and would do so for ever.
    @inline(never)
    private func makeLocksAnew() {
        ForkWatch.repair {
            guard unsafe forkStamp != forkCounter.pointee else { return }
            makeLocks()
            forkStamp = unsafe forkCounter.pointee
        }
    }

    /// Runs `body` alone with the state; it must not call anything that may want this lock.
    @inline(__always)
    package func withLock<R, E: Error>(_ body: (inout State) throws(E) -> R) throws(E) -> R {
        lock()
        defer { unsafe pthread_mutex_unlock(mutex) }
        return unsafe try body(&state.pointee)
    }

    /// Blocks the thread until `body` gives something.
    ///
    /// It is asked at once, and whenever somebody calls ``wakeOne()`` or ``wakeAll()``.
    ///
    /// - Returns: What `body` gave, or nil if it gave nothing until `deadline`.
    func wait<R>(until deadline: Moment? = nil, for body: (inout State) -> R?) -> R? {
        lock()
        defer { unsafe pthread_mutex_unlock(mutex) }
        while true {
            if let result = unsafe body(&state.pointee) { return result }
            guard let deadline else {
                unsafe pthread_cond_wait(change, mutex)
                continue
            }
            if unsafe swiftlibmc_condition_wait(change, mutex, deadline.nanoseconds) == ETIMEDOUT {
                return unsafe body(&state.pointee)
            }
        }
    }

    /// Lets one waiting thread look at the state again.
    func wakeOne() { unsafe pthread_cond_signal(change) }

    /// Lets all waiting threads look at the state again.
    func wakeAll() { unsafe pthread_cond_broadcast(change) }
}
