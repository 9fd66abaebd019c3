internal import Synchronization

extension AsyncClient {
    /// The client's own threads, for tasks to run on.
    ///
    /// ```swift
    /// try await withTaskExecutorPreference(cache.taskExecutor) {
    ///     try await serve(requests)
    /// }
    /// ```
    ///
    /// A call usually goes from the task's thread to one of the client's and back, and waking threads is most of what it
    /// costs. A task that prefers these threads spares both ways, and what it does between its calls is done while the
    /// servers are at work on those of other tasks.
    ///
    /// These are event loops: they are for tasks that mostly wait for the client. What computes for long, or blocks,
    /// holds up all calls of the thread. In turn a task only goes on when its thread is free, so that behind a server
    /// that hangs a cancelled call, or one whose time is up, returns when the client's own time-outs have passed. Tasks go
    /// on in the order in which they are ready, whatever their priorities. All signals are blocked.
    ///
    /// When the client has been shut down, or let go, such tasks go on on Swift's own threads.
    public var taskExecutor: any TaskExecutor { threads }
}

/// The threads of an asynchronous client.
final class ClientThreads: TaskExecutor {
    let workers: [Worker]
    /// Counts what any of them may do.
    private let turn = Atomic(0)

    init(_ workers: [Worker]) { self.workers = workers }

    /// The worker for something that any of them may do.
    var next: Int {
        let count = turn.wrappingAdd(1, ordering: .relaxed).newValue
        return Int(UInt(bitPattern: count) % UInt(workers.count))
    }

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        if let queue = RunQueue.current, queue.executor === self {
            queue.append(job)
        } else if !workers[next].enqueue(job, of: self) {
            globalConcurrentExecutor.enqueue(job)
        }
    }
}
