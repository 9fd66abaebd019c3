import Dispatch
import Foundation

/// The one thread that starts child processes; it never ends.
///
/// The kernel can end a child together with its parent (`PR_SET_PDEATHSIG`), which is what keeps a crashed test process
/// from leaving servers behind. But it means the parent *thread*: a child of a pool thread would die at random.
enum SpawnThread {
    private static let jobs = Locked<[@Sendable () -> Void]>([])
    private static let available: DispatchSemaphore = {
        let semaphore = DispatchSemaphore(value: 0)
        Thread.detachNewThread {
            while true {
                semaphore.wait()
                let job = jobs.withLock { $0.removeFirst() }
                job()
            }
        }
        return semaphore
    }()

    /// Runs `body` on the thread and waits for what it gives.
    static func run<Success: Sendable>(
        _ body: @escaping @Sendable () throws(SystemError) -> Success
    ) throws(SystemError) -> Success {
        let result = Locked<Result<Success, SystemError>?>(nil)
        let done = DispatchSemaphore(value: 0)
        let job: @Sendable () -> Void = {
            let outcome = Result(catching: body)
            result.withLock { $0 = outcome }
            done.signal()
        }
        jobs.withLock { $0.append(job) }
        available.signal()
        done.wait()
        guard let outcome = result.withLock({ $0 }) else { throw SystemError("the spawning thread gave no answer") }
        return try outcome.get()
    }
}
