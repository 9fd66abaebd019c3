import SwiftLibMC
import SwiftLibMCTLS
import SwiftLibMCTesting
import Testing

/// What `Mirror` shows: to `dump`, debuggers, log handlers, and Swift Testing when an expectation fails.
@Suite("Inspection")
struct InspectionTests {
    private func text(of subject: Any) -> String {
        var text = ""
        dump(subject, to: &text)
        return text
    }

    /// They look into it without a lock, at any time: what swift-nio's threads change must be out of their reach.
    @Test func whatOtherThreadsChangeAndSecretsAreNotShown() throws {
        let tls = try TLSForwarder(["127.0.0.1:1"], username: "Ada", password: "never-shown")
        let client = try Client(servers: tls.servers)
        let tasks = try AsyncClient(cloning: client)
        let pool = try ClientPool(cloning: client, size: 1)
        let threads = try ThreadMappedPool(cloning: client)
        let error = #expect(throws: MemcachedError.self) { try client.set("a", 1) }
        for subject in [tls, tls.servers, client, tasks, pool, threads, try #require(error)] as [Any] {
            let text = text(of: subject)
            let name = "\(type(of: subject))"
            #expect(text.contains("ForwarderTunnel"), "\(name)")
            #expect(!text.contains("NIO"), "\(name)")
            #expect(!text.contains("never-shown"), "\(name)")
        }
    }

    /// Without a crash: this is what happens where an expectation fails.
    @Test(.blocking, .enabled(if: TLSServer.isAvailable, Comment(rawValue: TLSServer.comment)))
    func theyAreLookedAtWhileOthersWork() async throws {
        let server = try TLSServer()
        let tls = try TLSForwarder([server.address], options: TLSServer.options())
        let cache = try AsyncClient(cloning: tls.client())
        let work = Task {
            for round in 0..<500 { try await cache.set("key-\(round % 7)", round) }
        }
        var length = 0
        for _ in 0..<200 { length += text(of: cache).count + text(of: tls).count }
        #expect(length > 0)
        try await work.value
        await cache.shutdown()
    }
}
