import Testing

@testable import SwiftLibMC

/// In what order a thread serves what waits for its servers, by a clock of the tests.
@Suite struct FairQueuesTests {
    private var queues = FairQueues(servers: 3, limit: 100)
    private var now = Moment(nanoseconds: 0)

    /// Queues a call, which nothing else goes out with if it is `alone`.
    private mutating func add(_ key: String, queue: Int, alone: Bool = true) {
        now = now + .microseconds(1)
        let action: MemcachedRequest.Action = alone ? .count(CounterStep(.up)) : .fetch(.init())
        let call = QueuedCall(
            .one(key, action, for: alone ? .incr : .get),
            RouteTable.Route(worker: 0, queue: queue),
            deadline: now + .seconds(5)
        )
        queues[call].append(call)
    }

    /// The keys of what the thread takes next, and is at for some time.
    private mutating func next(taking time: Duration = .zero) -> [String] {
        var group: [QueuedCall] = []
        guard queues.take(into: &group, dividing: false, now: now) else { return [] }
        now = now + time
        return group.compactMap { $0.request.keys.list.first?.text }
    }

    @Test mutating func whatWaitsWhenATurnBeginsIsDoneInIt() {
        add("a1", queue: 1)
        add("a2", queue: 1, alone: false)
        add("a3", queue: 1)
        add("b", queue: 2)
        #expect(next() == ["a1"])
        // They go along with an earlier one, but take nobody's place.
        add("a4", queue: 1, alone: false)
        add("a5", queue: 1, alone: false)
        #expect(next() == ["a2", "a4", "a5"])
        #expect(next() == ["a3"])
        #expect(next() == ["b"])
        #expect(next() == [])
    }

    @Test mutating func whatComesLaterWaitsForTheOthers() {
        add("a1", queue: 1)
        add("b1", queue: 2)
        #expect(next() == ["a1"])
        add("a2", queue: 1)
        add("b2", queue: 2)
        #expect(next() == ["b1"])
        #expect(next() == ["b2"])
        #expect(next() == ["a2"])
        #expect(next() == [])
    }

    @Test mutating func aTurnIsOverAfterATime() {
        for key in ["a1", "a2", "a3"] { add(key, queue: 1) }
        add("b", queue: 2)
        #expect(next(taking: .milliseconds(60)) == ["a1"])
        #expect(next(taking: .milliseconds(60)) == ["a2"])
        #expect(next() == ["b"])
        #expect(next() == ["a3"])
    }

    @Test mutating func whoHasWaitedForServersThatHangHasMoreTime() {
        for _ in 1...3 {
            add("x", queue: 0)
            add("y", queue: 2)
        }
        // Until a server has kept them waiting, all have a tenth of a second.
        for _ in 1...10 { add("a", queue: 1) }
        #expect(order() == "aayxaaaaaaaayxyx")
        // The last one to be served was such a server.
        for _ in 1...5 { add("a", queue: 1) }
        #expect(order() == "aaaaa")
        // Nobody has waited for one in this round.
        for key in ["a", "a", "a", "b"] { add(key, queue: key == "a" ? 2 : 1) }
        #expect(order() == "aaba")
    }

    /// All keys in the order in which they are served; "x" and "y" stand for a second, and others for less.
    private mutating func order() -> String {
        var order = ""
        while let key = next().first {
            now = now + (key == "x" || key == "y" ? Duration.seconds(1) : .milliseconds(60))
            order += key
        }
        return order
    }
}
