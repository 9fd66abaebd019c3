internal import Glibc

/// State that several threads share, behind a lock, and a way to wait until it is as wanted.
///
/// Not `Synchronization.Mutex`: nobody can wait on that one, and the thread sanitizer does not understand it.
@safe
final class Monitor<State>: @unchecked Sendable {
    // Sendable because `state` is only touched with `mutex` held, and what was handed in for it was given away.
    private var state: State
    private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private let change = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)

    /// The process that they were made for.
    private var forkStamp: UInt32
    private let forkCounter: UnsafePointer<UInt32>

    init(_ state: sending State) {
        self.state = state
        unsafe forkCounter = UnsafePointer(ForkWatch.generation)
        forkStamp = unsafe forkCounter.pointee
        makeLocks()
    }

    private func makeLocks() {
        unsafe pthread_mutex_init(mutex, nil)
        var attributes = pthread_condattr_t()
        unsafe pthread_condattr_init(&attributes)
        // Otherwise a step of the wall clock would lengthen or cut short all waits.
        unsafe pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC)
        unsafe pthread_cond_init(change, &attributes)
        unsafe pthread_condattr_destroy(&attributes)
    }

    deinit {
        unsafe pthread_cond_destroy(change)
        unsafe pthread_mutex_destroy(mutex)
        unsafe change.deallocate()
        unsafe mutex.deallocate()
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
    func withLock<R, E: Error>(_ body: (inout State) throws(E) -> R) throws(E) -> R {
        lock()
        defer { unsafe pthread_mutex_unlock(mutex) }
        return try body(&state)
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
            // Each question is an access of its own: others change the state while this thread sleeps.
            if let result = body(&state) { return result }
            guard let deadline else {
                unsafe pthread_cond_wait(change, mutex)
                continue
            }
            var time = deadline.systemTime
            if unsafe pthread_cond_timedwait(change, mutex, &time) == ETIMEDOUT { return body(&state) }
        }
    }

    /// Lets one waiting thread look at the state again.
    func wakeOne() { unsafe pthread_cond_signal(change) }

    /// Lets all waiting threads look at the state again.
    func wakeAll() { unsafe pthread_cond_broadcast(change) }
}
