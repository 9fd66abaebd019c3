import Foundation

/// Runs the jobs of tasks on one thread of its own: for tests that must not depend on other work on Swift's threads.
package final class ThreadExecutor: TaskExecutor {
    private let inbox = Locked(Inbox())

    /// Jobs in order.
    private struct Inbox {
        var jobs: [UnownedJob] = []
        var isClosed = false
    }

    /// Starts the thread, which ends with the object.
    package init() {
        let executor = unsafe asUnownedTaskExecutor()
        let inbox = inbox
        Thread.detachNewThread {
            while let job = Self.nextJob(in: inbox) { unsafe job.runSynchronously(on: executor) }
        }
    }

    deinit { inbox.withLock { $0.isClosed = true } }

    /// Takes a job.
    package func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        inbox.withLock { $0.jobs.append(job) }
    }

    /// Waits for a job; nil if there will be no more.
    private static func nextJob(in inbox: Locked<Inbox>) -> UnownedJob? {
        inbox.wait { inbox -> UnownedJob?? in
            if !inbox.jobs.isEmpty { return .some(inbox.jobs.removeFirst()) }
            return inbox.isClosed ? .some(nil) : nil
        }
    }
}
