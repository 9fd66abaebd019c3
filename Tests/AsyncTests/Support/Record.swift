import TestSupport

/// What happens under fire, counted.
final class Record: Sendable {
    struct Counts: Sendable {
        var hits = 0
        var failures = 0
        var wrongValues: [String] = []
        var isOver = false
    }

    private let counts = Locked(Counts())

    var isOver: Bool { counts.withLock { $0.isOver } }
    var wrongValues: [String] { counts.withLock { $0.wrongValues } }

    /// Notes a hit, a miss, or (nil) a failure.
    func note(hit: Bool?) {
        counts.withLock { counts in
            if hit == nil { counts.failures += 1 }
            if hit == true { counts.hits += 1 }
        }
    }

    func note(wrong: String) { counts.withLock { $0.wrongValues.append(wrong) } }

    func end() { counts.withLock { $0.isOver = true } }

    func read(_ count: (Counts) -> Int) -> Int { counts.withLock { count($0) } }

    /// Waits until there is more of something than now.
    func goesOn(_ count: (Counts) -> Int) -> Bool {
        let before = read(count)
        return eventually(timeout: .seconds(60)) { read(count) > before + 20 }
    }
}
