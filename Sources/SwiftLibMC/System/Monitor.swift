internal import CPlatform

/// State that several threads share, behind a lock, and a way to wait until it meets a condition.
///
/// It does not use `Synchronization.Mutex`, which threads can't wait on, and which the thread sanitizer does not
/// understand.
@safe
package final class Monitor<State>: @unchecked Sendable {
    // Sendable because `state` is only touched with `mutex` held, and values put into it were given away. Behind a
    // pointer: the lock makes sure that no two accesses overlap, so Swift need not check that each time.
    private let state = UnsafeMutablePointer<State>.allocate(capacity: 1)
    private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private let change = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)

    /// The process that the lock and condition were made for.
    private var forkStamp: UInt32
    private let forkCounter: UnsafePointer<UInt32>
    /// Makes the state that a forked child begins with; nil if it takes over its parent's.
    private let makeChildsState: (@Sendable () -> State)?

    /// Makes it; in a forked child, where a thread of the parent may have left the state half changed, a second function
    /// can make the state anew.
    package init(_ state: sending State, inChildren makeChildsState: (@Sendable () -> State)? = nil) {
        self.makeChildsState = makeChildsState
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

    /// In a forked child: the threads that hold the lock, or wait, are the parent's, and would do so forever.
    @inline(never)
    private func makeLocksAnew() {
        ForkWatch.repair {
            guard unsafe forkStamp != forkCounter.pointee else { return }
            makeLocks()
            // The old one is not released, because nothing in it can be relied on.
            if let makeChildsState { unsafe state.initialize(to: makeChildsState()) }
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

    /// Blocks the thread until `body` returns a value.
    ///
    /// `body` is called at once, and after each call of ``wakeOne()`` or ``wakeAll()``.
    ///
    /// - Returns: The value of `body`, or nil if there was none until `deadline`.
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

    /// Makes one waiting thread check the state again.
    func wakeOne() { unsafe pthread_cond_signal(change) }

    /// Makes all waiting threads check the state again.
    func wakeAll() { unsafe pthread_cond_broadcast(change) }
}
