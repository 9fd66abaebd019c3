import SwiftLibMC
import TestSupport
import Testing

/// That `getOrSet` has its lock and its mark where every other program has them that computes the same item: with a
/// prefix that a wrapper adds, and with one that is part of the key.
@Suite("Where a computed value's lock is", .memcachedCluster(count: 3), .timeLimit(.minutes(2)))
struct ComputedPlaceTests {
    /// Prefixes, and the caches that add them.
    enum Wrapping: CaseIterable, Sendable {
        case prefixed, twicePrefixed, long, namespaced, pinned, nested, own

        func wrap(_ client: Client) throws -> (cache: any MemcachedCommands, prefix: String) {
            let name = uniqueKey()
            switch self {
            case .prefixed: return (PrefixedCommands(client, prefix: "prefix/"), "prefix/")
            case .twicePrefixed:
                let outer = PrefixedCommands(client, prefix: "outer/")
                return (RetryingClient(PrefixedCommands(outer, prefix: "inner/")), "outer/inner/")
            case .long:
                let prefix = String(repeating: "p", count: 90)
                return (FallbackClient([PrefixedCommands(client, prefix: prefix), MockClient()]), prefix)
            case .namespaced: return (client.namespace(name), try client.namespace(name).pinned().prefix)
            case .pinned:
                let pinned = try client.namespace(name).pinned()
                return (pinned, pinned.prefix)
            case .nested:
                let inner = PrefixedCommands(client, prefix: "p/")
                return (inner.namespace(name), "p/" + (try inner.namespace(name).pinned().prefix))
            case .own: return (Own(base: client), "own/")
            }
        }

        func wrap(_ client: AsyncClient) async throws -> (cache: any AsyncMemcachedCommands, prefix: String) {
            let name = uniqueKey()
            switch self {
            case .prefixed: return (AsyncPrefixedCommands(client, prefix: "prefix/"), "prefix/")
            case .twicePrefixed:
                let outer = AsyncPrefixedCommands(client, prefix: "outer/")
                return (AsyncRetryingClient(AsyncPrefixedCommands(outer, prefix: "inner/")), "outer/inner/")
            case .long:
                let prefix = String(repeating: "p", count: 90)
                let prefixed = AsyncPrefixedCommands(client, prefix: prefix)
                return (AsyncFallbackClient([prefixed, MockClient().asynchronous]), prefix)
            case .namespaced: return (client.namespace(name), try await client.namespace(name).pinned().prefix)
            case .pinned:
                let pinned = try await client.namespace(name).pinned()
                return (pinned, pinned.prefix)
            case .nested:
                let inner = AsyncPrefixedCommands(client, prefix: "p/")
                return (inner.namespace(name), "p/" + (try await inner.namespace(name).pinned().prefix))
            case .own: return (AsyncOwn(base: client), "own/")
            }
        }
    }

    private struct Own: MemcachedCommands {
        let base: any MemcachedCommands

        func execute(_ request: MemcachedRequest) throws(MemcachedError) -> MemcachedResponse {
            try base.execute(request.prefixed(by: "own/"))
        }
    }

    private struct AsyncOwn: AsyncMemcachedCommands {
        let base: any AsyncMemcachedCommands

        func execute(_ request: MemcachedRequest) async throws(MemcachedError) -> MemcachedResponse {
            try await base.execute(request.prefixed(by: "own/"))
        }
    }

    private func client(binary: Bool) throws -> Client {
        try Client(try #require(MemcachedCluster.current).addresses, binary: binary, behaviors: .patient)
    }

    /// Short keys, keys that are shortened, and keys that are only shortened with their prefix.
    private func keys() -> [String] {
        uniqueKeys(30).enumerated().map { $1 + String(repeating: "k", count: [0, 60, 110][$0 % 3]) }
    }

    private func old<K: CacheKey>(_ cache: some MemcachedCommands, _ key: K, _ new: String) throws -> String {
        try cache.getOrSet(key, time: 60, stale: .seconds(60)) { new }
    }

    private func old<K: CacheKey>(
        _ cache: some AsyncMemcachedCommands,
        _ key: K,
        _ new: String
    ) async throws -> String {
        try await cache.getOrSet(key, time: 60, stale: .seconds(60)) { new }
    }

    /// One computes, and the other one, who has the whole key, gets the old value meanwhile and the new one then.
    @Test(arguments: Wrapping.allCases, [false, true])
    func theWholeKeyHasTheSameOne(wrapping: Wrapping, binary: Bool) throws {
        let (plain, own) = (try client(binary: binary), try client(binary: !binary))
        let (cache, prefix) = try wrapping.wrap(own)
        for key in keys() {
            let whole = prefix + key
            try plain.set(whole, "old")
            let value = try cache.getOrSet(key, time: 60, stale: .seconds(60)) {
                let others = try old(plain, whole, "nobody's")
                #expect(others == "old")
                return "new"
            }
            #expect(value == "new")
            #expect(try old(plain, whole, "nobody's") == "new")
            // And the other way round.
            try plain.set(key + ":fresh", "some other item")
            try plain.delete(whole)
            _ = try old(plain, whole, "newer")
            #expect(try old(cache, key, "nobody's") == "newer")
        }
    }

    @Test(arguments: Wrapping.allCases)
    func theWholeKeyHasTheSameOneForTasks(wrapping: Wrapping) async throws {
        let plain = try AsyncClient(cloning: client(binary: true), commandTimeout: .seconds(60))
        let own = try AsyncClient(cloning: client(binary: true), commandTimeout: .seconds(60))
        let (cache, prefix) = try await wrapping.wrap(own)
        for key in keys() {
            let whole = prefix + key
            try await plain.set(whole, "old")
            let value = try await cache.getOrSet(key, time: 60, stale: .seconds(60)) {
                let others = try await old(plain, whole, "nobody's")
                #expect(others == "old")
                return "new"
            }
            #expect(value == "new")
            #expect(try await old(plain, whole, "nobody's") == "new")
            try await plain.delete(whole)
            _ = try await old(plain, whole, "newer")
            #expect(try await old(cache, key, "nobody's") == "newer")
        }
    }

    /// A group of the caller's own has no prefix.
    @Test(arguments: Wrapping.allCases, [false, true])
    func groupsStayWhatTheyAre(wrapping: Wrapping, binary: Bool) throws {
        let (plain, own) = (try client(binary: binary), try client(binary: binary))
        let (cache, prefix) = try wrapping.wrap(own)
        for key in keys() {
            let whole = GroupedKey(group: "group-\(key.prefix(3))", key: prefix + key)
            let part = GroupedKey(group: whole.group, key: key)
            try plain.set(whole, "old")
            let value = try cache.getOrSet(part, time: 60, stale: .seconds(60)) {
                let others = try old(plain, whole, "nobody's")
                #expect(others == "old")
                return "new"
            }
            #expect(value == "new")
            #expect(try old(plain, whole, "nobody's") == "new")
        }
    }

    /// Where it has always been, for what other programs have stored.
    @Test func theKeysAreWhatTheyWere() throws {
        func bytes(_ owner: String, prefix: String = "") -> String {
            let key = MemcachedRequest.Key.companion(of: .text(owner), suffix: ":lock")
            return String(decoding: MemcachedRequest.Keys(.one(key), prefix: prefix).bytes(of: 0), as: UTF8.self)
        }
        #expect(bytes("key") == "key:lock")
        #expect(bytes("key", prefix: "a/") == "a/key:lock")
        let long = String(repeating: "k", count: 101)
        #expect(bytes(long) == "\(long.prefix(80))~ec5334a4567e9a16:lock")
        #expect(bytes(String(long.dropFirst(2)), prefix: "kk") == bytes(long))
        let grouped = MemcachedRequest.Key.companion(of: .grouped(GroupedKey(group: "g", key: "key")), suffix: ":lock")
        #expect(grouped.group == Array("g".utf8) && grouped.text == "key:lock")
        let ungrouped = MemcachedRequest.Key.companion(of: .text("key"), suffix: ":lock")
        #expect(ungrouped.group == Array("key".utf8))
    }
}
