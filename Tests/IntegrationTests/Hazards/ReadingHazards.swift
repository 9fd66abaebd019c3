import Foundation
import SwiftLibMC
import TestSupport
import Testing

/// Replies that are broken off, abandoned, or more than memory holds: never another key's value, never a false miss.
@Suite("Hazards: reading", .blocking, .timeLimit(.minutes(5)))
struct ReadingHazards {
    /// What `getkq` asks for.
    private static let quietGet: UInt8 = 0x0D

    /// Answers multi-gets; each value names its key.
    private static func item(_ request: FakeRequest) -> [UInt8] {
        let isGet = request.opcode == quietGet
        let value = NamedValue.make(request.key, size: 100)
        return request.binaryReply(
            flags: isGet ? [0, 0, 0, 0] : [],
            key: isGet ? request.key : "",
            value: isGet ? value : []
        )
    }

    /// A connection that breaks after so many replies, in the middle of the next one or between two.
    private static func breaking(after count: Int, inTheMiddle: Bool, byReset: Bool) -> FakeScript {
        var steps = [FakeScript.Step](repeating: .request, count: count).flatMap { [$0, .answer(item)] }
        if inTheMiddle { steps += [.request, .answer { Array(item($0).prefix(60)) }] }
        if byReset { steps.append(.reset) }
        return FakeScript(steps)
    }

    @Test(.hazard(24, 86), arguments: [0, 1, 50, 99], [true, false])
    func aMultiGetThatIsBrokenOffGoesOnAnew(after count: Int, inTheMiddle: Bool) throws {
        let keys = (0..<100).map { "key-\($0)" }
        for byReset in [true, false] {
            let broken = Self.breaking(after: count, inTheMiddle: inTheMiddle, byReset: byReset)
            let server = try FakeServer(broken, .answering(Self.item))
            let client = try Client([server.address], binary: true, behaviors: .patient)
            let values: [String: [UInt8]] = try client.getMulti(keys)
            #expect(values.count == 100)
            #expect(NamedValue.wrong(values) == [])
            #expect(server.connectionCount == 2)
        }
    }

    @Test(.hazard(24, 86), arguments: [0, 1, 20], [true, false])
    func oneThatIsBrokenOffAgainIsReported(after count: Int, inTheMiddle: Bool) throws {
        let keys = (0..<100).map { "key-\($0)" }
        let broken = Self.breaking(after: count, inTheMiddle: inTheMiddle, byReset: false)
        let server = try FakeServer(broken)
        let client = try Client([server.address], binary: true, behaviors: .patient)
        client.partialFailures = .throwing
        let error = #expect(throws: MemcachedError.self) { try client.getMulti(keys, as: [UInt8].self) }
        #expect(error?.server == client.servers[0])
        #expect(error?.isConnectionFailure == true, "\(error.debugDescription)")
        // What was read is right, and each key that is not in it failed.
        let items = error?.partialResult?.items ?? []
        for item in items {
            #expect(item.bytes.elementsEqual(NamedValue.make(String(decoding: item.key, as: UTF8.self), size: 100)))
        }
        #expect((error?.partialResult?.failedKeys.count ?? 100) + items.count == 100)
    }

    @Test(.hazard(24, 86), arguments: Route.open)
    func aServerThatDiesWhileItSendsCostsItsOwnItemsOnly(_ route: Route) throws {
        let cluster = try MemcachedCluster(count: 2, route.options)
        let client = try route.client(of: cluster.addresses)
        let keys = uniqueKeys(200)
        let pairs = NamedValue.pairs(keys) { 50_000 + $0 }
        let living = try Set(keys.filter { try client.server(for: $0).description == cluster[1].address })
        for round in 0..<6 {
            try cluster[0].restart()
            client.forgetDeadHosts()
            #expect(try client.setMulti(pairs) == [])
            let isKilled = DispatchSemaphore(value: 0)
            DispatchQueue.global().asyncAfter(deadline: .now() + .microseconds(700 * round)) {
                cluster[0].kill()
                isKilled.signal()
            }
            for _ in 0..<3 {
                let values: [String: [UInt8]] = try client.getMulti(keys)
                #expect(NamedValue.wrong(values) == [])
                #expect(living.isSubset(of: values.keys))
            }
            isKilled.wait()
            #expect(try Set(client.getMulti(keys, as: [UInt8].self).keys) == living)
        }
    }

    private struct Refusal: Error {}

    /// Gives up in the middle of a multi-get.
    private final class ImpatientClient: Client {
        override func deserialize<V: Decodable>(_ bytes: RawSpan, flags: Flags, as type: V.Type) throws -> V {
            if bytes.byteCount == 77 { throw Refusal() }
            return try super.deserialize(bytes, flags: flags, as: type)
        }
    }

    @Test(.hazard(24), arguments: Fleet.allCases)
    func anAbandonedMultiGetLeavesNoReplyBehind(_ fleet: Fleet) throws {
        let route = fleet.route
        let client = try ImpatientClient(
            fleet.addresses,
            binary: route.isBinary,
            username: route.options.account?.username,
            password: route.options.account?.password,
            behaviors: fleet.placing(.patient)
        )
        let (keys, counter) = (uniqueKeys(300), uniqueKey())
        #expect(try client.setMulti(NamedValue.pairs(keys) { $0 == 150 ? 77 : 50 }) == [])
        try client.set(counter, 0)
        for round in 1...5 {
            expectFailure(.deserialization) { try client.getMulti(keys, as: [UInt8].self) }
            #expect(try client.incr(counter) == UInt64(round))
            expectFailure(.deserialization) { try client.getMultiArray(keys, as: [UInt8].self) }
            #expect(try !client.delete(uniqueKey()))
            expectFailure(.deserialization) { try client.getsMulti(keys, as: [UInt8].self) }
            #expect(try client.get(keys[round]) == NamedValue.make(keys[round], size: 50))
        }
    }

    /// The library keeps 4 KB per key of a server that refuses, and frees them recursively.
    @Test(.hazard(92, 96)) func manyKeysOfADeadServerNeedNoMemory() async {
        await #expect(processExitsWith: .success) {
            alarm(200)
            let nobody = try RefusingAddress()
            let keys = (0..<100_000).map { "key-\($0)" }
            let failures = Locked(0)
            let isDone = DispatchSemaphore(value: 0)
            let before = try residentMemory()
            let thread = Thread {
                guard let client = try? Client([nobody.address]) else { return }
                for _ in 0..<3 {
                    do { _ = try client.getMulti(keys, as: Int.self) } catch { failures.withLock { $0 += 1 } }
                }
                isDone.signal()
            }
            thread.stackSize = 512 << 10
            thread.start()
            isDone.wait()
            try #require(failures.withLock { $0 } == 3)
            try #require(try residentMemory() - before < 100 << 20)
        }
    }

    /// The library's own question stores an expired item.
    @Test(.hazard(80), .memcached(.tcp), arguments: Route.protocols)
    func lookingForAnItemStoresNone(_ route: Route) throws {
        let server = try #require(MemcachedServer.current)
        let client = try route.client(of: [server.address])
        try client.set("there", 1)
        let before = try server.statistics()["total_items"]
        for number in 0..<20 { #expect(try !client.contains("missing-\(number)")) }
        #expect(try client.contains("there"))
        #expect(try server.statistics()["total_items"] == before)
    }

    /// The library's own buffer never shrinks, and has no NUL at the end.
    @Test(.hazard(89, 90), .memcached(.tcp, "-I", "8m", "-m", "256"), arguments: Route.protocols)
    func valuesOfAllSizesTakeTurns(_ route: Route) throws {
        let client = try route.client(of: [try #require(MemcachedServer.current).address])
        let sizes = [0, 1, 1000, 1024, 1025, 5_000_000, 5, 8196, 2_000_000, 0, 16_385]
        let keys = sizes.indices.map { "\($0)" }
        #expect(try client.setMulti(NamedValue.pairs(keys) { sizes[$0] }) == [])
        for (key, size) in zip(keys + keys, sizes + sizes) {
            #expect(try client.get(key, as: [UInt8].self) == NamedValue.make(key, size: size))
            #expect(try client.withBytes(key) { $0.byteCount } == size)
        }
    }

    /// The library would cut off the length at 32 bits, and store a few bytes.
    @Test(.hazard(46), .memcached(.tcp), arguments: Route.protocols)
    func valuesBeyond32BitsAreRefused(_ route: Route) throws {
        let client = try route.client(of: [try #require(MemcachedServer.current).address])
        // Never touched, so that it takes no memory.
        let count = (1 << 32) + 10
        let start = unsafe mmap(nil, count, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0)
        guard let pages = unsafe start, unsafe pages != MAP_FAILED else { throw SystemError("no room for it") }
        let value = unsafe Data(bytesNoCopy: pages, count: count, deallocator: .unmap)
        try client.set("k", "old")
        expectFailure(.tooBig) { try client.set("k", value) }
        expectFailure(.tooBig) { try client.set("k", value, noreply: true) }
        expectFailure(.tooBig) { try client.add("other", value) }
        expectFailure(.tooBig) { try client.replace("k", value) }
        #expect(try client.get("k") == "old")
    }
}
