import SwiftLibMC
import TestSupport
import Testing

/// Requests that ask for no reply, and the replies that come all the same.
@Suite("Hazards: without replies", .timeLimit(.minutes(5)))
struct NoreplyHazards {
    @Test(.hazard(17, 19, 20), arguments: Route.allCases, [true, false])
    func quietDeletesOfNothingLeaveNoReplyBehind(_ route: Route, asBehavior: Bool) throws {
        var behaviors = Behaviors.patient
        behaviors.noreply = asBehavior
        let client = try route.client(behaviors)
        let (a, b, missing) = (uniqueKey("a"), uniqueKey("b"), uniqueKey("missing"))
        let counter = uniqueKey("counter")
        try client.set(a, "AAA")
        try client.set(b, "BBB")
        try client.set(counter, 0)
        for round in 1...20 {
            try client.delete(missing, noreply: true)
            #expect(try client.get(a) == "AAA")
            #expect(try client.get(b) == "BBB")
            try client.deleteMulti([missing, missing + "2"], noreply: true)
            #expect(try client.get(b) == "BBB")
            #expect(try client.get(a) == "AAA")
            try client.delete(missing, noreply: true)
            #expect(try client.incr(counter) == UInt64(round))
            try client.delete(missing, noreply: true)
            #expect(try client.getMulti([a, b, missing]) == [a: "AAA", b: "BBB"])
        }
    }

    /// Writes that the server refuses, which it says although it was asked not to.
    @Test(.hazard(17, 18, 19), arguments: Route.allCases)
    func refusedQuietWritesLeaveNoReplyBehind(_ route: Route) throws {
        let client = try route.client()
        let (key, other, missing) = (uniqueKey(), uniqueKey(), uniqueKey())
        let tooLarge = [UInt8](repeating: 1, count: 1_100_000)
        try client.set(key, "first")
        try client.set(other, "second")
        let writes: [() throws -> Void] = [
            { _ = try client.add(key, "no", noreply: true) },
            { _ = try client.replace(missing, "no", noreply: true) },
            { try client.append(missing, "no", noreply: true) },
            { try client.prepend(missing, "no", noreply: true) },
            { try client.set(missing, tooLarge, noreply: true) },
            { try client.delete(missing, noreply: true) },
            { _ = try client.addMulti([key: "no", other: "no"], noreply: true) },
            { _ = try client.cas(key, "no", cas: CAS(rawValue: 1 << 60), noreply: true) },
            { _ = try client.cas(missing, "no", cas: CAS(rawValue: 1 << 60), noreply: true) },
            { try client.touch(missing, time: 1, noreply: true) },
        ]
        for write in writes {
            try write()
            #expect(try client.get(other) == "second")
            try write()
            #expect(try client.getMulti([missing, key]) == [key: "first"])
            try write()
            #expect(try !client.delete(missing))
            try write()
            #expect(try client.version().count == 1)
            try write()
            #expect(throws: MemcachedError.self) { try client.incr(missing) }
            #expect(try client.get(key) == "first")
        }
    }

    /// What is still to be sent when the client goes would go with it.
    @Test(.hazard(36), arguments: Route.open)
    func quietWritesOutliveTheirClient(_ route: Route) throws {
        let keys = uniqueKeys(200)
        do {
            let client = try route.client()
            for key in keys { try client.set(key, NamedValue.make(key, size: 2000), noreply: true) }
        }
        let reader = try route.client()
        var values: [String: [UInt8]] = [:]
        #expect(
            try eventually {
                values = try reader.getMulti(keys)
                return values.count == keys.count
            }
        )
        #expect(NamedValue.wrong(values) == [])
    }
}
