import Foundation

/// Threads that stay for the whole run, so that starting them and connecting does not count.
final class Crew: @unchecked Sendable {
    // Sendable because all of it is only touched with the condition's lock held.
    private let condition = NSCondition()
    private var job: (@Sendable (_ thread: Int) throws -> Void)?
    private var round = 0
    private var unfinished = 0
    private let count: Int

    init(_ count: Int) {
        self.count = count
        for thread in 0..<count { Thread { self.serve(thread) }.start() }
    }

    /// Runs the same on all threads and waits for them.
    func run(_ job: @escaping @Sendable (_ thread: Int) throws -> Void) {
        condition.lock()
        self.job = job
        round += 1
        unfinished = count
        condition.broadcast()
        while unfinished > 0 { condition.wait() }
        condition.unlock()
    }

    private func serve(_ thread: Int) {
        var done = 0
        condition.lock()
        while true {
            while round == done { condition.wait() }
            done = round
            let job = job
            condition.unlock()
            do { try job?(thread) } catch { fatalError("\(error)") }
            condition.lock()
            unfinished -= 1
            if unfinished == 0 { condition.broadcast() }
        }
    }
}
