import SwiftLibMC
import TestSupport
import Testing

/// A server with passwords that clients of several kinds share.
@Suite(
    "Interop: passwords",
    .enabled(if: Python.isInstalled, "\(Python.absence)"),
    .timeLimit(.minutes(1))
)
struct InteropSASLTests {
    let server: MemcachedServer

    init() throws {
        server = try MemcachedServer.shared(.sasl)
    }

    /// The clients, by the module of `helper.py`.
    private func python(_ module: String, password: String) -> PythonClient {
        let binary = module == "pylibmc" ? "'binary': True, " : ""
        return PythonClient(
            module == "pylibmc" ? .source : .wheel,
            module,
            servers: "['\(server.address)']",
            options: "{\(binary)'username': 'testuser', 'password': '\(password)'}"
        )
    }

    @Test("Values go both ways", arguments: ["pylibmc", "bmemcached"])
    func sharing(module: String) throws {
        let client = try Client(
            [server.address],
            username: "testuser",
            password: "testpass",
            behaviors: .patient
        )
        let python = python(module, password: "testpass")
        let key = uniqueKey("interop")
        #expect(try python.set(key, .number(41)))
        #expect(try client.incr(key) == 42)
        #expect(try python.get(key) == .number(42))
        try client.set(key, 43)
        #expect(try python.get(key) == .number(43))
    }

    @Test("A wrong password is refused there and here")
    func wrongPassword() throws {
        let client = try Client([server.address], username: "testuser", password: "wrong", behaviors: .patient)
        expectFailure(.authFailure) { try client.set("k", 1) }
        let error = #expect(throws: PythonError.self) { try python("pylibmc", password: "wrong").set("k", .number(1)) }
        #expect(error?.description.contains("AUTHENTICATION FAILURE") == true, "\(error as Any)")
    }
}
