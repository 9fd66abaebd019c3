/// What tasks have to do next on one of a client's threads, in order.
///
/// No other thread sees it.
final class RunQueue {
    /// The executor that the tasks prefer.
    ///
    /// Every task keeps its executor alive, so that the thread that runs it need not.
    @safe
    struct Owner: Equatable, Sendable {
        fileprivate let executor: UnownedTaskExecutor

        init(_ executor: some TaskExecutor) { unsafe self.executor = executor.asUnownedTaskExecutor() }

        static func == (one: Owner, other: Owner) -> Bool { unsafe one.executor == other.executor }
    }

    let owner: Owner
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
    init(of owner: Owner) {
        self.owner = owner
        Self.threads.assign(self)
    }

    /// Takes it from the calling thread; the tasks go on on Swift's own threads.
    func resign() {
        Self.threads.remove()
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
        for job in round { unsafe job.runSynchronously(on: owner.executor) }
        round.removeAll(keepingCapacity: true)
    }
}
