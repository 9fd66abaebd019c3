import Foundation
import HTTPTypes
import Hummingbird
import Support
import SwiftLibMC
import SwiftLibMCHummingbird
import SwiftLibMCTesting
import Testing

/// What hummingbird wants of persist drivers, and what memcached makes hard.
@Suite("Persist driver", .timeLimit(.minutes(1)))
struct PersistDriverTests {
    private struct Point: Codable, Equatable {
        var x: Int
        var name: String?
    }

    private func driver(_ setup: CacheAndClock) -> MemcachedPersistDriver {
        MemcachedPersistDriver(setup.cache, prefix: "persist:", now: setup.now)
    }

    @Test(arguments: Backend.allCases)
    func whatIsSetComesBack(backend: Backend) async throws {
        let driver = try driver(backend.make())
        let key = uniqueKey()
        #expect(try await driver.get(key: key, as: String.self) == nil)
        try await driver.set(key: key, value: "first")
        try await driver.set(key: key, value: "second")
        #expect(try await driver.get(key: key, as: String.self) == "second")
        try await driver.set(key: key, value: Point(x: 1, name: nil))
        #expect(try await driver.get(key: key, as: Point.self) == Point(x: 1, name: nil))
        try await driver.set(key: key, value: Int?.none)
        #expect(try await driver.get(key: key, as: Int?.self) == .some(nil))
    }

    @Test(arguments: Backend.allCases)
    func aKeyIsCreatedOnce(backend: Backend) async throws {
        let driver = try driver(backend.make())
        let key = uniqueKey()
        try await driver.create(key: key, value: "first")
        await #expect(throws: PersistError.duplicate) { try await driver.create(key: key, value: "second") }
        #expect(try await driver.get(key: key, as: String.self) == "first")
    }

    @Test(arguments: Backend.allCases)
    func valuesExpire(backend: Backend) async throws {
        let setup = try backend.make()
        let driver = driver(setup)
        let keys = uniqueKeys(3)
        let begun = ContinuousClock.now
        try await driver.set(key: keys[0], value: 1, expires: .zero)
        try await driver.set(key: keys[1], value: 1, expires: .milliseconds(200))
        try await driver.set(key: keys[2], value: 1, expires: .seconds(100))
        #expect(try await driver.get(key: keys[0], as: Int.self) == nil)
        let value = try await driver.get(key: keys[1], as: Int.self)
        let isLate = setup.clock == nil && begun.duration(to: .now) >= .milliseconds(200)
        #expect(value == 1 || isLate)
        try await setup.wait(.milliseconds(250))
        #expect(try await driver.get(key: keys[1], as: Int.self) == nil)
        #expect(try await driver.get(key: keys[1], as: String.self) == nil)
        #expect(try await driver.get(key: keys[2], as: Int.self) == 1)
    }

    @Test(arguments: Backend.allCases)
    func whatHasExpiredCanBeCreatedAnew(backend: Backend) async throws {
        let setup = try backend.make()
        let driver = driver(setup)
        let keys = uniqueKeys(2)
        for key in keys { try await driver.create(key: key, value: 1, expires: .milliseconds(100)) }
        try await setup.wait(.milliseconds(150))
        try await driver.create(key: keys[0], value: 2, expires: .seconds(10))
        #expect(try await driver.get(key: keys[0], as: Int.self) == 2)
        try await driver.set(key: keys[1], value: 2)
        let found = try #require(await driver.getWithTTL(key: keys[1], as: Int.self))
        #expect(found.object == 2 && found.ttl == nil)
    }

    @Test(arguments: Backend.allCases)
    func aSetWithoutATimeKeepsTheOneThatThereIs(backend: Backend) async throws {
        let setup = try backend.make()
        let driver = driver(setup)
        let key = uniqueKey()
        try await driver.set(key: key, value: 1, expires: .seconds(3))
        try await setup.wait(.milliseconds(600))
        try await driver.set(key: key, value: 2)
        let found = try #require(await driver.getWithTTL(key: key, as: Int.self))
        #expect(found.object == 2)
        #expect(try #require(found.ttl) <= .milliseconds(2401))
        try await setup.wait(.milliseconds(2450))
        #expect(try await driver.get(key: key, as: Int.self) == nil)
    }

    @Test(arguments: Backend.allCases)
    func timesToLiveAreTold(backend: Backend) async throws {
        let driver = try driver(backend.make())
        let keys = uniqueKeys(2)
        try await driver.set(key: keys[0], value: 1, expires: .seconds(100))
        try await driver.set(key: keys[1], value: 1)
        let left = try #require(await driver.getWithTTL(key: keys[0], as: Int.self)?.ttl)
        #expect(left > .seconds(30) && left <= .seconds(100))
        #expect(try await driver.getWithTTL(key: keys[1], as: Int.self)?.ttl == nil)
    }

    @Test(arguments: Backend.allCases)
    func anotherTypeIsRefused(backend: Backend) async throws {
        let setup = try backend.make()
        let driver = driver(setup)
        let key = uniqueKey()
        try await driver.set(key: key, value: Point(x: 1))
        await #expect(throws: PersistError.invalidConversion) { try await driver.get(key: key, as: String.self) }
        try await setup.cache.set("persist:\(key)", "somebody else's")
        await #expect(throws: PersistError.invalidConversion) { try await driver.get(key: key, as: String.self) }
        await #expect(throws: PersistError.duplicate) { try await driver.create(key: key, value: 1) }
        try await driver.set(key: key, value: 1)
        #expect(try await driver.get(key: key, as: Int.self) == 1)
    }

    /// Others can write what they like; it must not end the process.
    @Test(arguments: ["1e300", "-1e300", "1e19", "0"], Backend.allCases)
    func anyTimeCanBeRead(time: String, backend: Backend) async throws {
        let setup = try backend.make()
        let driver = driver(setup)
        let key = uniqueKey()
        try await setup.cache.set("persist:\(key)", Data("{\"expires\":\(time),\"value\":1}".utf8))
        let found = try await driver.getWithTTL(key: key, as: Int.self)
        #expect(found.map { $0.ttl.map { $0 > .seconds(1_000_000_000) } == true } ?? ["-1e300", "0"].contains(time))
        try await driver.set(key: key, value: 2)
        #expect(try await driver.get(key: key, as: Int.self) == 2)
    }

    @Test(arguments: Backend.allCases)
    func whatIsRemovedIsGone(backend: Backend) async throws {
        let driver = try driver(backend.make())
        let key = uniqueKey()
        try await driver.set(key: key, value: 1)
        try await driver.remove(key: key)
        try await driver.remove(key: key)
        #expect(try await driver.get(key: key, as: Int.self) == nil)
    }

    @Test(arguments: Backend.allCases)
    func writersAtTheSameTimeKeepTheTime(backend: Backend) async throws {
        let driver = try driver(backend.make())
        let key = uniqueKey()
        try await driver.set(key: key, value: 0, expires: .seconds(100))
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 1...8 { group.addTask { try await driver.set(key: key, value: number) } }
            try await group.waitForAll()
        }
        #expect(try await driver.getWithTTL(key: key, as: Int.self)?.ttl != nil)
    }

    @Test func keysThatAreTooLongAreRefused() async throws {
        let driver = try driver(Backend.server.make())
        let error = await #expect(throws: MemcachedError.self) {
            try await driver.set(key: String(repeating: "k", count: 251), value: 1)
        }
        #expect(error?.code == .badKey)
    }

    @Test(arguments: [ErrorPolicy.throwing, .missing])
    func failuresOfTheCacheAreNoDuplicates(policy: ErrorPolicy) async throws {
        let mock = MockClient()
        // The driver does not take over the client's own way.
        mock.policies.errors = .missing
        mock.policies.outcomes = .throwing
        let heard = Locked(0)
        mock.onError = { _ in heard.withLock { $0 += 1 } }
        mock.fail(with: MemcachedError(code: .connectionFailure, operation: "", detail: "down"))
        let driver = MemcachedPersistDriver(mock.asynchronous, failures: policy)
        func act() async throws {
            try await driver.create(key: "key", value: 1)
            try await driver.set(key: "key", value: 1)
            try await driver.remove(key: "key")
            #expect(try await driver.get(key: "key", as: Int.self) == nil)
        }
        if policy == .missing {
            try await act()
            #expect(heard.withLock { $0 } == 4)
        } else {
            let error = await #expect(throws: MemcachedError.self) { try await act() }
            #expect(error?.code == .connectionFailure)
        }
    }

    @Test func routesKeepWhatTheyAreSent() async throws {
        let persist: any PersistDriver = try driver(Backend.server.make())
        let site = Site { router in
            router.put("keep/:tag") { request, context -> HTTPResponse.Status in
                let text = try await String(buffer: request.body.collect(upTo: 1000))
                try await persist.set(key: context.parameters.require("tag"), value: text)
                return .ok
            }
            router.get("keep/:tag") { _, context -> String? in
                try await persist.get(key: context.parameters.require("tag"), as: String.self)
            }
        }
        let path = "/keep/\(uniqueKey())"
        #expect(try await site.ask(path).status == .noContent)
        #expect(try await site.ask(path, method: .put, body: "kept").status == .ok)
        #expect(try await site.ask(path).body == "kept")
    }
}
