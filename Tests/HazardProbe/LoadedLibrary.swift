import SwiftLibMC

/// `library <version> <refused|taken>`: which libmemcached is loaded, and what making a client says to it.
func loadedLibrary(_ arguments: Arguments, _ report: Report) throws {
    let version = arguments.words[0]
    let isRefused = arguments.words[1] == "refused"
    report.expect("version", version) { buildInfo.libmemcachedLoaded }
    report.expect("note", isRefused) { buildInfo.libmemcachedNote?.hasPrefix("too old") == true }
    for (name, make) in makers {
        report.step(name) {
            do throws(MemcachedError) {
                try make()
                return isRefused ? "was made" : nil
            } catch {
                guard isRefused else { return "threw \(String(reflecting: error))" }
                let isClear = error.code == .notSupported && error.detail.contains("loaded \(version);")
                return isClear ? nil : "threw \(String(reflecting: error))"
            }
        }
    }
}

/// Each way to a first client.
private let makers: [(String, @Sendable () throws(MemcachedError) -> Void)] = [
    ("Client", { () throws(MemcachedError) in _ = try Client(["127.0.0.1:1"]) }),
    (
        "Client with a password",
        { () throws(MemcachedError) in
            _ = try Client(["127.0.0.1:1"], username: "user", password: "password")
        }
    ),
    ("ClientPool", { () throws(MemcachedError) in _ = try ClientPool(cloning: Client(["127.0.0.1:1"]), size: 2) }),
    ("ThreadMappedPool", { () throws(MemcachedError) in _ = try ThreadMappedPool(cloning: Client(["127.0.0.1:1"])) }),
    ("AsyncClient", { () throws(MemcachedError) in _ = try AsyncClient(cloning: Client(["127.0.0.1:1"])) }),
]
