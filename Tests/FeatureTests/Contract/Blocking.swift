import Dispatch
import SwiftLibMC
import TestSupport

/// An asynchronous cache for the contracts of synchronous ones.
///
/// Its tasks have an executor of their own, so that waiting for them takes no thread that they need.
struct Blocking: MemcachedCommands {
    let base: any AsyncMemcachedCommands

    init(_ base: any AsyncMemcachedCommands) { self.base = base }

    private final class Executor: TaskExecutor {
        private let queue = DispatchQueue(label: "asynchronous caches", attributes: .concurrent)

        func enqueue(_ job: consuming ExecutorJob) {
            let job = UnownedJob(job)
            queue.async { unsafe job.runSynchronously(on: self.asUnownedTaskExecutor()) }
        }
    }

    private static let executor = Executor()

    func execute(_ request: MemcachedRequest) throws(MemcachedError) -> MemcachedResponse {
        let (result, isDone, base) = (Locked<Result<MemcachedResponse, MemcachedError>?>(nil), Gate(), base)
        Task(executorPreference: Self.executor) {
            do throws(MemcachedError) {
                let response = try await base.execute(request)
                result.withLock { $0 = .success(response) }
            } catch {
                result.withLock { $0 = .failure(error) }
            }
            isDone.open()
        }
        isDone.wait()
        guard let result = result.withLock({ $0 }) else { preconditionFailure("there is no result") }
        return try result.get()
    }

    /// Where the threads of the cache convert values, the contract's are bytes before.
    var codec: any ValueCodec { base.codec ?? FormatCodec.standard }

    var policies: CommandPolicies { base.policies }
}
