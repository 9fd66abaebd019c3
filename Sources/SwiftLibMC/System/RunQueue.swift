/// The next jobs of tasks on one of a client's threads, in order.
///
/// No other thread sees it.
@safe
final class RunQueue {
    /// The executor that the tasks prefer.
    ///
    /// They keep it alive, but a job may belong to an actor that they have left.
    let executor: any TaskExecutor
    private let reference: UnownedTaskExecutor
    private var jobs: [UnownedJob] = []
    /// The jobs that are being run.
    private var round: [UnownedJob] = []
    /// How many times jobs have been run.
    private(set) var rounds = 0

    /// A queue this short is not worth dividing.
    private static let smallestPart = 50

    private static let threads = ThreadLocal<RunQueue>()

    /// The calling thread's queue, if it has one.
    static var current: RunQueue? { threads.object }

    /// Makes a queue for the calling thread.
    init(of executor: some TaskExecutor) {
        self.executor = executor
        unsafe reference = executor.asUnownedTaskExecutor()
        Self.threads.assign(self)
    }

    /// Removes it from the calling thread; the tasks continue on Swift's own threads.
    func detach() {
        Self.threads.assign(nil)
        for job in jobs { globalConcurrentExecutor.enqueue(job) }
        jobs = []
    }

    var isEmpty: Bool { jobs.isEmpty }

    func append(_ job: UnownedJob) { jobs.append(job) }

    func append(contentsOf jobs: [UnownedJob]) { self.jobs.append(contentsOf: jobs) }

    /// Runs the jobs in the queue; jobs that are added meanwhile stay.
    func run() {
        swap(&round, &jobs)
        runRound()
    }

    /// Runs the jobs in the queue, but only half of many: the other half can run while the server works on the requests
    /// of the first.
    func runSome() {
        guard jobs.count >= 2 * Self.smallestPart else { return run() }
        let half = jobs.count / 2
        round.append(contentsOf: jobs[..<half])
        jobs.removeFirst(half)
        runRound()
    }

    private func runRound() {
        if round.isEmpty { return }
        rounds += 1
        for job in round { unsafe job.runSynchronously(on: reference) }
        round.removeAll(keepingCapacity: true)
    }
}
