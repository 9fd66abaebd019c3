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
    /// A call usually goes from the task's thread to one of the client's and back, and waking threads is most of what
    /// it costs. A task that prefers these threads avoids both switches, and its own work between calls is done while
    /// the servers work on the calls of other tasks.
    ///
    /// These are event loops: they are for tasks that mostly wait for the client. A task that computes for long, or
    /// blocks, holds up all calls of the thread. In turn a task only goes on when its thread is free, so that behind a
    /// server that hangs a cancelled call, or one whose time is up, returns when the client's own time-outs have
    /// passed. Tasks go on in the order in which they are ready, whatever their priorities. All signals are blocked.
    ///
    /// Once the client has been shut down or released, such tasks continue on Swift's own threads.
    public var taskExecutor: any TaskExecutor { threads }
}

/// The threads of an asynchronous client.
final class ClientThreads: TaskExecutor {
    /// The workers for the servers' keys, then those for bodies, then the one for requests without keys.
    let workers: [Worker]
    /// How many serve keys.
    let keyed: Int
    /// How many callers of bodies each thread for those has.
    private let bodies: Monitor<[Int]>
    /// Counts the jobs that any of the workers may do.
    private let turn = Atomic(0)

    init(_ workers: [Worker], keyed: Int, bodies: Int) {
        self.workers = workers
        self.keyed = keyed
        self.bodies = Monitor(Array(repeating: 0, count: bodies))
    }

    /// How many threads there are for bodies, at most.
    ///
    /// More than connections, because any body may wait for a server that hangs, and the other bodies must not wait
    /// with it.
    static func mostBodies(_ connections: Int) -> Int { max(connections, 16) }

    /// A number that differs each time.
    var nextTurn: UInt { UInt(bitPattern: turn.wrappingAdd(1, ordering: .relaxed).newValue) }

    /// The worker for a task that any of the workers for keys may continue.
    private var next: Int { Int(nextTurn % UInt(keyed)) }

    /// The worker for requests to servers, and for others without keys.
    ///
    /// A client of one connection has one thread for everything.
    var forServers: Int { workers.count - 1 }

    /// Takes the least busy worker for a caller's body; ``release(_:)`` must follow.
    func takeForBody() -> Int {
        if keyed == 1 { return 0 }
        return bodies.withLock { bodies in
            var (choice, least) = (0, Int.max)
            // The first free one, so that no more threads start than are needed.
            for index in bodies.indices where least > 0 {
                // A body may still run after its caller has given up.
                let load = bodies[index] + (workers[keyed + index].isFree ? 0 : 1)
                if load < least { (choice, least) = (index, load) }
            }
            bodies[choice] += 1
            return keyed + choice
        }
    }

    /// Notes that a body's caller no longer waits.
    func release(_ worker: Int) {
        if worker >= keyed { bodies.withLock { $0[worker - keyed] -= 1 } }
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
