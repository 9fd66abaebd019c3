import SwiftLibMC
import TestSupport
import Testing

/// The behavior `noreply`, for all calls of a client, and the argument, for one call.
@Suite("Without replies", .timeLimit(.minutes(5)))
struct NoreplyTests {
    private func client(_ route: Route) throws -> Client {
        var behaviors = Behaviors.patient
        behaviors.noreply = true
        return try route.client(behaviors)
    }

    @Test("What was written without a reply is there for the next connection", arguments: Route.protocols)
    func isThereAfterConnectionsWereClosed(_ route: Route) throws {
        let server = try route.server
        let client = try route.client()
        let key = uniqueKey()
        for number in 0..<300 {
            try client.set(key, number, noreply: true)
            if number % 2 == 0 { client.close() } else { try client.setServers([server.address]) }
            #expect(try client.get(key, as: Int.self) == number)
        }
    }

    @Test(arguments: Route.allCases)
    func writesArrive(_ route: Route) throws {
        let client = try client(route)
        let key = uniqueKey()
        try client.set(key, "b")
        try client.append(key, "c")
        try client.prepend(key, "a")
        #expect(try client.get(key) == "abc")
        try client.delete(key)
        #expect(try client.get(key, as: String.self) == nil)
        let keys = uniqueKeys(50)
        #expect(try client.setMulti(keys.map { ($0, 1) }) == [])
        #expect(try client.getMulti(keys, as: Int.self).count == 50)
        try client.deleteMulti(keys)
        #expect(try client.getMulti(keys, as: Int.self) == [:])
    }

    @Test(.hazard(17, 19), arguments: Route.allCases)
    func callsThatGiveSomethingAskForTheReply(_ route: Route) throws {
        let client = try client(route)
        let key = uniqueKey()
        #expect(try client.add(key, 1))
        #expect(try !client.add(key, 2))
        #expect(try client.replace(key, 3))
        #expect(try !client.replace(uniqueKey(), 3))
        #expect(try client.addMulti([key: 4]) == [key])
        #expect(try client.incr(key) == 4)
        #expect(try client.decr(key, delta: 3) == 1)
        expectFailure(.notFound) { try client.incr(uniqueKey()) }
        #expect(try client.incr(uniqueKey(), initial: 7) == 7)
        let found = try #require(try client.gets(key, as: Int.self))
        #expect(try client.cas(key, 5, cas: found.cas))
        #expect(try !client.cas(key, 6, cas: found.cas))
        #expect(try client.touch(key, time: 100))
        #expect(try !client.touch(uniqueKey(), time: 100))
        #expect(try client.contains(key))
        #expect(try client.version().count == 1)
        #expect(try client.get(key) == 5)
    }

    @Test(arguments: Route.protocols)
    func updatesLoseNothing(_ route: Route) throws {
        let client = try client(route)
        let keys = uniqueKeys(30)
        try onThreads(4, cloning: client) { _, client in
            for key in keys { try client.update(key, retries: 100, default: 0) { $0 + 1 } }
        }
        #expect(try client.getMultiArray(keys) == keys.map { _ in 4 })
    }

    @Test(.hazard(17, 18, 20), arguments: Route.allCases)
    func failuresLeaveNothingBehind(_ route: Route) throws {
        let client = try client(route)
        let (key, missing) = (uniqueKey(), uniqueKey())
        try client.set(key, 1)
        for round in 1...300 {
            try client.append(missing, "x")
            try client.delete(missing)
            if round.isMultiple(of: 100) { try client.set(missing, [UInt8](repeating: 0, count: 1_100_000)) }
            #expect(try client.incr(key) == UInt64(round) + 1)
        }
        #expect(try client.get(key) == 301)
    }

    @Test(arguments: Route.allCases)
    func quietSwapsAreMade(_ route: Route) throws {
        let client = try route.client()
        let key = uniqueKey()
        try client.set(key, "old")
        let item = try #require(try client.item(key))
        #expect(try client.cas(key, "new", cas: item.cas, noreply: true))
        #expect(try client.get(key) == "new")
        // It has changed, and nobody says so.
        #expect(try client.cas(key, "newer", cas: item.cas, noreply: true))
        #expect(try client.cas(uniqueKey(), "newer", cas: item.cas, noreply: true))
        #expect(try client.get(key) == "new")
        client.cacheCAS = true
        _ = try client.gets(key, as: String.self)
        #expect(try client.cas(key, "remembered", noreply: true))
        #expect(try client.get(key) == "remembered")
    }

    @Test(arguments: Route.allCases)
    func repliesThatDoNotMatterAreKept(_ route: Route) throws {
        let client = try route.client()
        let (key, missing) = (uniqueKey(), uniqueKey())
        try client.set(key, 5)
        #expect(try client.incr(key, delta: 3, noreply: true) == nil)
        #expect(try client.decr(key, noreply: true) == nil)
        #expect(try client.incr(key, noreply: false) == 8)
        #expect(try client.incr(missing, noreply: true) == nil)
        expectFailure(.notFound) { try client.decr(missing, noreply: false) }
        expectFailure(.invalidArguments) { try client.incr(key, delta: -1, noreply: true) }
        #expect(try client.touch(missing, time: 10, noreply: true))
        #expect(try !client.touch(missing, time: 10, noreply: false))
        #expect(try client.touch(key, time: .now, noreply: true))
        #expect(try client.get(key, as: Int.self) == nil)
        client.outcomes = .throwing
        #expect(try client.touch(missing, time: 10, noreply: true))
    }

    @Test(arguments: Route.allCases)
    func refusalsLeaveNothingBehind(_ route: Route) throws {
        let client = try route.client()
        let (key, text, missing) = (uniqueKey(), uniqueKey(), uniqueKey())
        try client.set(key, 1)
        try client.set(text, "text")
        let version = try #require(try client.gets(key, as: Int.self)).cas
        try client.set(key, 1)
        for round in 1...300 {
            _ = try client.cas(key, 1000, cas: version, noreply: true)
            _ = try client.cas(missing, 1000, cas: version, noreply: true)
            try client.incr(missing, noreply: true)
            if round.isMultiple(of: 50) {
                _ = try client.cas(text, [UInt8](repeating: 0, count: 1_100_000), cas: version, noreply: true)
                try client.incr(text, noreply: true)
            }
            try client.touch(missing, time: 10, noreply: true)
            #expect(try client.incr(key) == UInt64(round) + 1)
            #expect(try client.getMulti([text, missing]) == [text: "text"])
        }
        #expect(try client.get(key) == 301)
    }

    @Test(arguments: Route.allCases)
    func refusalsGoUnnoticed(_ route: Route) throws {
        let client = try client(route)
        let keys = uniqueKeys(2)
        let large = [UInt8](repeating: 0, count: 1_100_000)
        let small: [UInt8] = [1]
        #expect(try client.setMulti([keys[0]: large, keys[1]: small]) == [])
        #expect(try client.set(keys[0], large))
        #expect(try client.getMulti(keys) == [keys[1]: small])
    }

    @Test(arguments: [true, false])
    func serversThatCanNotBeReachedAreErrors(binary: Bool) throws {
        let client = try Client([try RefusingAddress().address], binary: binary, behaviors: Behaviors(noreply: true))
        expectFailure(.connectionFailure) { try client.setMulti(["key": 1, "other": 2]) }
        client.forgetDeadHosts()
        expectFailure(.connectionFailure) { try client.set("key", 1) }
    }
}
