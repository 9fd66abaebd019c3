import SwiftLibMC

/// One operation of the client on a key, for facts that hold for all of them.
struct Command: Sendable, CustomStringConvertible {
    /// As errors name it.
    let operation: String
    let description: String
    /// Whether it can tell a server that works from one that doesn't, without any item.
    let run: @Sendable (Client, String) throws -> Void

    init(_ operation: String, _ detail: String = "", _ run: @escaping @Sendable (Client, String) throws -> Void) {
        self.operation = operation
        description = operation + detail
        self.run = run
    }

    /// Calls that only read.
    static let reads = [
        Command("get", " of bytes") { _ = try $0.get($1, as: [UInt8].self) },
        Command("get", " of text") { _ = try $0.get($1, as: String.self) },
        Command("get", " of a number") { _ = try $0.get($1, as: Int.self) },
        Command("get", " with a default") { _ = try $0.get($1, default: 1) },
        Command("gets") { _ = try $0.gets($1, as: Int.self) },
        Command("withBytes") { _ = try $0.withBytes($1) { _ in } },
        Command("item") { _ = try $0.item($1) },
        Command("contains") { _ = try $0.contains($1) },
    ]

    /// Calls that only read, of many keys.
    static let multiReads = [
        Command("getMulti", " of bytes") { _ = try $0.getMulti([$1], as: [UInt8].self) },
        Command("getMulti", " of text") { _ = try $0.getMulti([$1], as: String.self) },
        Command("getMulti", " of numbers") { _ = try $0.getMulti([$1], as: Int.self) },
        Command("getMultiArray") { _ = try $0.getMultiArray([$1], as: Int.self) },
        Command("getsMulti") { _ = try $0.getsMulti([$1], as: Int.self) },
        Command("items") { _ = try $0.items([$1]) },
    ]

    /// Calls that need the server's reply to know what to give.
    static let changes = [
        Command("cas") { _ = try $0.cas($1, 1, cas: CAS(rawValue: 1)) },
        Command("gat") { _ = try $0.gat($1, time: 60, as: String.self) },
        Command("touch") { try $0.touch($1, time: 100) },
        Command("incr") { try $0.incr($1) },
        Command("incr", " with a start") { try $0.incr($1, initial: 1) },
        Command("decr") { try $0.decr($1) },
        Command("decr", " with a start") { try $0.decr($1, initial: 1) },
    ]

    /// Calls that write, and could do so blindly.
    static let writes = [
        Command("set", " of bytes") { try $0.set($1, [1] as [UInt8]) },
        Command("set", " of text") { try $0.set($1, "1") },
        Command("set", " of a number") { try $0.set($1, 1) },
        Command("add") { _ = try $0.add($1, 1) },
        Command("replace") { _ = try $0.replace($1, 1) },
        Command("append") { try $0.append($1, "1") },
        Command("prepend") { try $0.prepend($1, "1") },
        Command("delete") { try $0.delete($1) },
    ]

    /// Calls that write, and could do so blindly, of many keys.
    static let multiWrites = [
        Command("setMulti") { _ = try $0.setMulti([$1: 1]) },
        Command("setMulti", " of several types") { _ = try $0.setMulti([$1: 1] as [String: any Encodable]) },
        Command("setMulti", " of pairs") { _ = try $0.setMulti([($1, 1)]) },
        Command("addMulti") { _ = try $0.addMulti([$1: 1]) },
        Command("replaceMulti") { _ = try $0.replaceMulti([$1: 1]) },
        Command("deleteMulti") { try $0.deleteMulti([$1]) },
    ]

    /// Calls that need the servers' replies, of many keys.
    static let multiChanges = [
        Command("touchMulti") { try $0.touchMulti([$1], time: 100) },
        Command("incrMulti") { try $0.incrMulti([$1]) },
        Command("decrMulti") { try $0.decrMulti([$1]) },
    ]

    /// Calls on the servers as such; the key plays no part.
    static let ofServers = [
        Command("getStats") { client, _ in _ = try client.getStats() },
        Command("version") { client, _ in _ = try client.version() },
        Command("flushAll") { client, _ in try client.flushAll(time: .days(20)) },
    ]

    /// Calls with one key.
    static let single = reads + changes + writes
    /// Calls with many keys.
    static let multi = multiReads + multiWrites + multiChanges
    /// Calls with a key.
    static let keyed = single + multi
}
