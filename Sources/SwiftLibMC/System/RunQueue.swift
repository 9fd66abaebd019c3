/// What tasks have to do next on one of a client's threads, in order.
///
/// No other thread sees it.
@safe
final class RunQueue {
    /// The executor that the tasks prefer.
    ///
    /// They keep it alive, but what is to be run may be an actor that they have left.
    let executor: any TaskExecutor
    private let reference: UnownedTaskExecutor
    private var jobs: [UnownedJob] = []
    /// What is being run.
    private var round: [UnownedJob] = []
    /// How often any have been run.
    private(set) var rounds = 0

    /// So few are not worth being divided.
    private static let smallestPart = 50

    private static let threads = ThreadLocal<RunQueue>()

    /// The calling thread's, if it has one.
    static var current: RunQueue? { threads.object }

    /// Makes one for the calling thread.
    init(of executor: some TaskExecutor) {
        self.executor = executor
        unsafe reference = executor.asUnownedTaskExecutor()
        Self.threads.assign(self)
    }

    /// Takes it from the calling thread; the tasks go on on Swift's own threads.
    func detach() {
        Self.threads.assign(nil)
        for job in jobs { globalConcurrentExecutor.enqueue(job) }
        jobs = []
    }

    var isEmpty: Bool { jobs.isEmpty }

    func append(_ job: UnownedJob) { jobs.append(job) }

    func append(contentsOf jobs: [UnownedJob]) { self.jobs.append(contentsOf: jobs) }

    /// Runs what is there; what is added meanwhile stays.
    func run() {
        swap(&round, &jobs)
        runRound()
    }

    /// Runs what is there, but of many only one half: the other can be run while the server is at work on what the first
    /// has asked for.
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
