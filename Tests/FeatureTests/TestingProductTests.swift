import SwiftLibMC
import TestSupport
import Testing

/// What the users of the library have for their own tests.
@Suite("Support for users' tests", .timeLimit(.minutes(1)))
struct TestingProductTests {
    // MARK: - Servers

    @Test(arguments: [MemcachedOptions.tcp, .unix, .sasl])
    func serversHaveClients(options: MemcachedOptions) async throws {
        let server = try MemcachedServer.start(options)
        let client = try server.client()
        try client.set("key", 1)
        let cache = try server.asyncClient()
        #expect(try await cache.get("key") == 1)
        await cache.shutdown()
    }

    @Test(.memcachedCluster(count: 2, .sasl))
    func clustersHaveClients() async throws {
        let cluster = try #require(MemcachedCluster.current)
        #expect(try cluster.client().servers.count == 2)
        let cache = try cluster.asyncClient()
        _ = try await cache.setMulti(Dictionary(uniqueKeysWithValues: (0..<50).map { ("\($0)", $0) }))
        for server in cluster.servers { #expect(try server.client().getStats()[0].stats["curr_items"] != "0") }
        await cache.shutdown()
    }

    @Test func givenServersAreLeftAlone() throws {
        let own = try MemcachedServer.start()
        let given = try MemcachedServer.given(own.address)
        #expect(given.address == own.address && given.port == own.port && given.processIdentifier == nil)
        try given.client().set("key", 1)
        #expect(throws: SystemError.self) { try given.suspend() }
        #expect(throws: SystemError.self) { try given.restart() }
        given.kill()
        #expect(try own.client().get("key") == 1)
        own.kill()
        #expect(GivenServers.list(" 127.0.0.1:1, localhost:2\n") == ["127.0.0.1:1", "localhost:2"])
    }

    // MARK: - Threads

    @Test(.blocking) func testsThatBlockHaveAThreadOfTheirOwn() async {
        for _ in 0..<2 {
            let hasExecutor = unsafe withUnsafeCurrentTask { task in unsafe task?.unownedTaskExecutor != nil }
            #expect(hasExecutor)
            await Task.yield()
        }
    }

    /// An expectation that fails has Swift Testing look at it while other threads change it.
    @Test func whatIsBehindALockIsNotShown() {
        var text = ""
        dump(Locked(["hidden"]), to: &text)
        #expect(text.contains("Locked") && !text.contains("hidden"))
    }

    // MARK: - Recording

    @Test func recordersTellWhatWasAsked() throws {
        let cache = RecordingCommands(PrefixedCommands(MockClient(), prefix: "p/"))
        try cache.set("a", 1)
        #expect(try cache.getMulti(["a", "b"], keyPrefix: "x/", as: Int.self).isEmpty)
        #expect(try cache.getOrSet("c") { 3 } == 3)
        #expect(throws: MemcachedError.self) { try cache.incr("none") }
        #expect(cache.commands.first?.description == "set a")
        #expect(cache.commands.dropFirst().first?.keys == ["x/a", "x/b"])
        #expect(cache.commands.last?.operation == "incr")
        guard case .success(let response)? = cache.commands.last?.result else { return _ = #expect(Bool(false)) }
        #expect(response.results.count == 1 && !response.results[0].succeeded)
        cache.forget()
        #expect(cache.commands.isEmpty)
    }

    @Test func recordersOfTasksTellWhatWasAsked() async throws {
        let mock = MockClient()
        let cache = AsyncRecordingCommands(mock.asynchronous)
        try await cache.set("a", 1)
        mock.fail(with: MemcachedError(code: .timeout, operation: "", detail: "slow"))
        await #expect(throws: MemcachedError.self) { try await cache.get("a", as: Int.self) }
        #expect(cache.commands.map(\.description) == ["set a", "get a"])
        guard case .failure(let error)? = cache.commands.last?.result else { return _ = #expect(Bool(false)) }
        #expect(error.code == .timeout)
    }

    // MARK: - Contracts

    @Test(arguments: CommandsContract.all)
    func wrappersKeepTheContract(contract: CommandsContract) throws {
        let clock = MockClock()
        try contract.check(RecordingCommands(MockClient(clock: clock)), clock: clock)
    }

    @Test(arguments: AsyncCommandsContract.all)
    func asynchronousWrappersKeepTheContract(contract: AsyncCommandsContract) async throws {
        let clock = MockClock()
        try await contract.check(AsyncRecordingCommands(MockClient(clock: clock).asynchronous), clock: clock)
    }

    /// One that forgets half of what it is told.
    private struct Forgetful: ForwardingCommands {
        let base: any MemcachedCommands

        func execute(_ request: MemcachedRequest) throws(MemcachedError) -> MemcachedResponse {
            if case .store = request.action { return MemcachedResponse(.one(.done)) }
            return try base.execute(request)
        }
    }

    @Test func theContractFindsFaults() throws {
        let contract = try #require(CommandsContract.all.first { $0.name == "values come back as they were" })
        withKnownIssue { try contract.check(Forgetful(base: MockClient())) }
    }
}
