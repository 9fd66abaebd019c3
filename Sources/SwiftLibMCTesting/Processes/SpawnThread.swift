import Foundation

/// The one thread that starts child processes; it never ends.
///
/// The kernel can end a child together with its parent (`PR_SET_PDEATHSIG`), which is what keeps a crashed test process
/// from leaving servers behind. But it means the parent *thread*: a child of a pool thread would die at random.
package enum SpawnThread {
    private static let jobs: Locked<[@Sendable () -> Void]> = {
        let jobs = Locked<[@Sendable () -> Void]>([])
        Thread.detachNewThread {
            while true {
                let job = jobs.wait { $0.isEmpty ? nil : $0.removeFirst() }
                job()
            }
        }
        return jobs
    }()

    /// Runs `body` on the thread and waits for its result.
    package static func run<Success: Sendable>(
        _ body: @escaping @Sendable () throws(SystemError) -> Success
    ) throws(SystemError) -> Success {
        let outcome = Locked<Result<Success, SystemError>?>(nil)
        let job: @Sendable () -> Void = {
            let result = Result(catching: body)
            outcome.withLock { $0 = result }
        }
        jobs.withLock { $0.append(job) }
        return try outcome.wait { $0 }.get()
    }
}
