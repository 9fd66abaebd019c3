import Foundation

/// Runs the jobs of tasks on one thread of its own: for tests that must not depend on what others do with Swift's.
public final class ThreadExecutor: TaskExecutor {
    private let inbox = Inbox()

    /// Jobs in order; `@unchecked` because they are only touched with the condition's lock held.
    private final class Inbox: @unchecked Sendable {
        private var jobs: [UnownedJob] = []
        private var isClosed = false
        private let change = NSCondition()

        func put(_ job: UnownedJob?) {
            change.lock()
            if let job { jobs.append(job) } else { isClosed = true }
            change.signal()
            change.unlock()
        }

        func next() -> UnownedJob? {
            change.lock()
            defer { change.unlock() }
            while jobs.isEmpty {
                if isClosed { return nil }
                change.wait()
            }
            return jobs.removeFirst()
        }
    }

    /// Starts the thread, which ends with the object.
    public init() {
        let executor = unsafe asUnownedTaskExecutor()
        let inbox = inbox
        Thread.detachNewThread {
            while let job = inbox.next() { unsafe job.runSynchronously(on: executor) }
        }
    }

    deinit { inbox.put(nil) }

    /// Takes a job.
    public func enqueue(_ job: consuming ExecutorJob) { inbox.put(UnownedJob(job)) }
}
