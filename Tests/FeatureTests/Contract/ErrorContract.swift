import SwiftLibMC
import TestSupport
import Testing

/// That an error says which key of the caller's it is about, and on which server, whatever is around the client.
@Suite("Contract: what errors name", .timeLimit(.minutes(2)))
struct ErrorContract {
    /// A cache, and what goes before its keys on the wire.
    private func cache(_ backend: Backend) async throws -> (cache: any MemcachedCommands, prefix: String) {
        let cache = try backend.make().cache
        let namespaced = try (cache as? VersionedNamespace)?.pinned().prefix
        let asyncNamespaced = try await ((cache as? Blocking)?.base as? AsyncVersionedNamespace)?.pinned().prefix
        let prefix =
            switch backend {
            case .prefixed, .asyncPrefixed: "a prefix/"
            case .nested, .asyncNested: "p/"
            default: namespaced ?? asyncNamespaced ?? ""
            }
        return (cache, prefix)
    }

    /// The server of a key as it is on the wire.
    private func server(_ key: String, _ backend: Backend) throws -> Server {
        backend.serverCount == 1 ? Server(.tcp(host: "mock", port: 11211)) : try Client.sharedPair().server(for: key)
    }

    // MARK: - Values that can't be read

    @Test(arguments: Backend.allCases)
    func theServerOfAValueThatCanNotBeRead(backend: Backend) async throws {
        let (cache, prefix) = try await cache(backend)
        for key in uniqueKeys(10) {
            try cache.set(key, "text")
            let (start, rest) = (String(key.prefix(3)), String(key.dropFirst(3)))
            let reads: [(operation: String, key: String, run: () throws -> Void)] = [
                ("get", key, { _ = try cache.get(key, as: Int.self) }),
                ("get", key, { _ = try cache.get(key, as: [Int].self) }),
                ("gets", key, { _ = try cache.gets(key, as: Int.self) }),
                ("getMulti", key, { _ = try cache.getMulti([key], as: Int.self) }),
                ("getMultiArray", key, { _ = try cache.getMultiArray([key], as: [Int].self) }),
                ("getsMulti", key, { _ = try cache.getsMulti([key], as: Int.self) }),
                ("update", key, { try cache.update(key, as: Int.self) { $0 } }),
                ("get", key, { _ = try cache.cached(key) { 1 } }),
                ("getMulti", rest, { _ = try cache.getMulti([rest], keyPrefix: start, as: Int.self) }),
            ]
            for read in reads {
                let error = try #require(throws: MemcachedError.self, "\(read.operation)", performing: read.run)
                #expect(error.code == .deserialization)
                #expect(error.operation == read.operation)
                #expect(error.server == (try server(prefix + key, backend)), "\(read.operation)")
                #expect(error.key == read.key)
            }
        }
    }

    @Test(arguments: Backend.allCases)
    func theServerOfAValueThatCanNotBeInflated(backend: Backend) async throws {
        let (cache, prefix) = try await cache(backend)
        for key in uniqueKeys(4) {
            let corrupt = MemcachedRequest.Value.bytes(Payload(bytes: [1, 2, 3], flags: [.text, .zlib]))
            _ = try cache.execute(.one(key, .store(.one(corrupt), .always, .init()), for: .set))
            let reads: [() throws -> Void] = [
                { _ = try cache.get(key, as: [UInt8].self) },
                { _ = try cache.get(key, as: String.self) },
                { _ = try cache.withBytes(key) { $0.byteCount } },
                { _ = try cache.getMulti([key], as: [UInt8].self) },
                { _ = try cache.getMulti([key], as: String.self) },
            ]
            for (index, read) in reads.enumerated() {
                let error = try #require(throws: MemcachedError.self, performing: read)
                #expect(error.code == .deserialization)
                #expect(error.server == (try server(prefix + key, backend)), "\(index)")
                #expect(error.key == key)
            }
        }
    }

    /// Each value of a fallback is from another cache.
    @Test func theServerOfTheCacheThatHasTheValue() throws {
        let (first, second) = (MockClient(), try Client.sharedPair())
        let key = uniqueKey()
        try second.set("x/\(key)", "text")
        let cache = RetryingClient(FallbackClient([first, PrefixedCommands(second, prefix: "x/")]))
        let error = try #require(throws: MemcachedError.self) { try cache.get(key, as: Int.self) }
        #expect(error.server == (try second.server(for: "x/\(key)")))
        first.fail(with: MemcachedError(code: .timeout, operation: "get", detail: "injected"))
        #expect(try #require(throws: MemcachedError.self) { try cache.get(key, as: Int.self) }.server == error.server)
    }

    @Test func anUnreadableValueIsNoFurtherRequestOfAMock() throws {
        let mock = MockClient()
        try mock.set("key", "text")
        mock.forgetRequests()
        #expect(throws: MemcachedError.self) { try mock.get("key", as: Int.self) }
        #expect(mock.requests.count == 1)
    }

    // MARK: - Keys that can't be sent

    @Test(arguments: Backend.allCases)
    func theCallersOwnKeyAndTheLengthOfTheWhole(backend: Backend) async throws {
        let (cache, prefix) = try await cache(backend)
        let key = String(repeating: "k", count: 251 - prefix.utf8.count)
        func check(_ body: () throws -> Void, _ keyPrefix: String, _ comment: Comment) throws {
            let error = try #require(throws: MemcachedError.self, comment, performing: body)
            #expect(error.code == .badKey, comment)
            #expect(error.key == key, comment)
            let length = prefix.utf8.count + keyPrefix.utf8.count
            #expect(error.keyProblem == .tooLong(bytes: length + key.utf8.count, limit: 250), comment)
            let part = length == 0 ? "" : ", of which \(length) are the prefix"
            #expect(
                error.detail.contains("has \(length + key.utf8.count) bytes\(part);"),
                "\(comment): \(error.detail)"
            )
        }
        let grouped = GroupedKey(group: "group", key: key)
        try check({ _ = try cache.get(key, as: Int.self) }, "", "get")
        try check({ _ = try cache.get(key, as: String.self) }, "", "get")
        try check({ _ = try cache.get(grouped, as: [UInt8].self) }, "", "get of a group")
        try check({ _ = try cache.gets(key, as: Int.self) }, "", "gets")
        try check({ _ = try cache.withBytes(key) { $0.byteCount } }, "", "withBytes")
        try check({ _ = try cache.item(key) }, "", "item")
        try check({ _ = try cache.contains(key) }, "", "contains")
        try check({ _ = try cache.set(key, 1) }, "", "set")
        try check({ _ = try cache.set(grouped, 1) }, "", "set of a group")
        try check({ _ = try cache.add(key, 1) }, "", "add")
        try check({ _ = try cache.cas(key, 1, cas: CAS(rawValue: 1)) }, "", "cas")
        try check({ _ = try cache.append(key, "x") }, "", "append")
        try check({ _ = try cache.delete(key) }, "", "delete")
        try check({ _ = try cache.touch(key, time: 1) }, "", "touch")
        try check({ _ = try cache.incr(key) }, "", "incr")
        try check({ _ = try cache.update(key, as: Int.self) { _ in 1 } }, "", "update")
        try check({ _ = try cache.cached(key) { 1 } }, "", "cached")
        for keyPrefix in [nil, "", "mine/"] {
            let extra = keyPrefix ?? ""
            try check({ _ = try cache.getMulti(["a", key], keyPrefix: keyPrefix, as: Int.self) }, extra, "getMulti")
            try check({ _ = try cache.getMulti(["a", key], keyPrefix: keyPrefix, as: String.self) }, extra, "getMulti")
            try check({ _ = try cache.getMulti([grouped], keyPrefix: keyPrefix, as: Int.self) }, extra, "of a group")
            try check({ _ = try cache.items([key], keyPrefix: keyPrefix) }, extra, "items")
            try check({ _ = try cache.setMulti([("a", 1), (key, 1)], keyPrefix: keyPrefix) }, extra, "setMulti")
            try check({ _ = try cache.setMulti([(grouped, 1)], keyPrefix: keyPrefix) }, extra, "setMulti of a group")
            try check({ _ = try cache.deleteMulti([key], keyPrefix: keyPrefix) }, extra, "deleteMulti")
            try check({ _ = try cache.touchMulti([key], keyPrefix: keyPrefix, time: 1) }, extra, "touchMulti")
            try check({ _ = try cache.incrMulti([key], keyPrefix: keyPrefix) }, extra, "incrMulti")
        }
    }

    @Test(arguments: [Backend.ascii, .mockASCII])
    func whetherTheKeyOrThePrefixHasABlank(backend: Backend) throws {
        let cache = try backend.make().cache
        let inKey = try #require(throws: MemcachedError.self) {
            try PrefixedCommands(cache, prefix: "prefix/").get("a b", as: Int.self)
        }
        #expect(inKey.key == "a b")
        #expect(inKey.keyProblem == .forbiddenByte(0x20, offset: 8))
        #expect(inKey.detail.hasPrefix("the key has a blank or control byte (32, at offset 1)"))
        let inPrefix = try #require(throws: MemcachedError.self) {
            try PrefixedCommands(cache, prefix: "a prefix/").getMulti(["key"], as: Int.self)
        }
        #expect(inPrefix.key == "key")
        #expect(inPrefix.detail.hasPrefix("the prefix has a blank or control byte (32, at offset 1)"))
    }

    // MARK: - Failures of servers

    /// An error of a call with many keys has the key that failed, as its caller wrote it.
    @Test(arguments: PolicyContract.wrappings.filter { !Backend.fallingBack.contains($0) })
    func theCallersOwnKeyOfAFailure(backend: Backend) throws {
        let client = try Client([try RefusingAddress().address], binary: backend != .ascii, behaviors: .patient)
        let cache = try backend.around(client)
        let calls: [() throws -> Void] = [
            { _ = try cache.getMulti(["key"], keyPrefix: "mine/", as: Int.self) },
            { _ = try cache.items(["key"], keyPrefix: "mine/") },
            { _ = try cache.setMulti(["key": 1], keyPrefix: "mine/") },
            { _ = try cache.addMulti(["key": 1], keyPrefix: "mine/") },
            { try cache.deleteMulti(["key"], keyPrefix: "mine/") },
            { _ = try cache.touchMulti(["key"], keyPrefix: "mine/", time: 1) },
            { try cache.incrMulti(["key"], keyPrefix: "mine/") },
            { _ = try cache.get("key", as: Int.self) },
            { try cache.set("key", 1) },
            { try cache.incr("key") },
        ]
        for (index, call) in calls.enumerated() {
            let error = try #require(throws: MemcachedError.self, performing: call)
            #expect(error.isConnectionFailure)
            guard let key = error.key else { continue }
            // A namespace fails before, at the key of its number.
            #expect(key == "key" || backend == .namespaced || backend == .asyncNamespaced, "\(index)")
        }
    }
}
