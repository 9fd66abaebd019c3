import SwiftLibMC
import Synchronization

/// One public operation, run on a client, with what it gives on a healthy server.
struct Operation: Sendable {
    /// The method's name, as errors give it.
    let name: String
    /// What tells it from other uses of the same method.
    var variant = ""
    /// What `run` gives on a healthy server.
    let healthy: String
    /// What a call that went wrong may also give: it says nothing about the servers.
    var forgiving: [String] = []
    /// Runs it on items that `prepare` has stored, and describes its result.
    let run: @Sendable (Client, Items) throws -> String

    var title: String { variant.isEmpty ? name : "\(name) \(variant)" }
}

/// The items that an operation works on: `text` is a text and `number` a 5, the other keys name none.
struct Items {
    let text: String
    let number: String
    let missing: String
    let missing2: String
    let token: CAS

    /// Stores them over a client that works; with one that doesn't, they are just names.
    init(_ prefix: String, _ client: Client?) throws {
        (text, number) = ("\(prefix)-text", "\(prefix)-number")
        (missing, missing2) = ("\(prefix)-missing", "\(prefix)-missing2")
        try client?.set(text, "text")
        try client?.set(number, 5)
        token = try client?.gets(text, as: String.self)?.cas ?? CAS(rawValue: 7)
    }
}

extension Operation {
    static let all = reading + readingMany + storing + counting + storingMany + others

    private static let reading: [Operation] = [
        Operation(name: "get", healthy: "text") { try $0.get($1.text, as: String.self) ?? "nil" },
        Operation(name: "get", variant: "bytes", healthy: "4") {
            "\(try $0.get($1.text, as: [UInt8].self)?.count ?? -1)"
        },
        Operation(name: "get", variant: "number", healthy: "5") { "\(try $0.get($1.number, as: Int.self) ?? -1)" },
        Operation(name: "get", variant: "missing", healthy: "nil") { try $0.get($1.missing, as: String.self) ?? "nil" },
        Operation(name: "get", variant: "default", healthy: "default") { try $0.get($1.missing, default: "default") },
        Operation(name: "gets", healthy: "text") { try $0.gets($1.text, as: String.self)?.value ?? "nil" },
        Operation(name: "gat", healthy: "text") { try $0.gat($1.text, time: 600, as: String.self) ?? "nil" },
        Operation(name: "withBytes", healthy: "4") { "\(try $0.withBytes($1.text) { $0.byteCount } ?? -1)" },
        Operation(name: "item", healthy: "4 16") { client, items in
            try client.item(items.text).map { "\($0.bytes.count) \($0.flags.rawValue)" } ?? "nil"
        },
        Operation(name: "contains", healthy: "true") { "\(try $0.contains($1.text))" },
        Operation(name: "contains", variant: "missing", healthy: "false") { "\(try $0.contains($1.missing))" },
    ]

    private static let readingMany: [Operation] = [
        Operation(name: "getMulti", healthy: "1 text") { client, items in
            let found = try client.getMulti([items.text, items.missing], as: String.self)
            return "\(found.count) \(found[items.text] ?? "nil")"
        },
        Operation(name: "getMultiArray", healthy: "text nil") { client, items in
            try client.getMultiArray([items.text, items.missing], as: String.self).map { $0 ?? "nil" }
                .joined(separator: " ")
        },
        Operation(name: "getsMulti", healthy: "text") { client, items in
            try client.getsMulti([items.text, items.missing], as: String.self).values.map(\.value).joined()
        },
        Operation(name: "items", healthy: "4") { client, items in
            try client.items([items.text, items.missing]).values.map { "\($0.bytes.count)" }.joined()
        },
    ]

    private static let storing: [Operation] = [
        Operation(name: "set", healthy: "true") { "\(try $0.set($1.text, "new"))" },
        Operation(name: "set", variant: "quiet", healthy: "true", forgiving: ["true"]) {
            "\(try $0.set($1.text, "new", noreply: true))"
        },
        Operation(name: "add", healthy: "true") { "\(try $0.add($1.missing, "new"))" },
        Operation(name: "add", variant: "existing", healthy: "false") { "\(try $0.add($1.text, "new"))" },
        Operation(name: "replace", healthy: "true") { "\(try $0.replace($1.text, "new"))" },
        Operation(name: "replace", variant: "missing", healthy: "false") { "\(try $0.replace($1.missing, "new"))" },
        Operation(name: "append", healthy: "true") { "\(try $0.append($1.text, "more"))" },
        Operation(name: "append", variant: "missing", healthy: "false") { "\(try $0.append($1.missing, "more"))" },
        Operation(name: "prepend", healthy: "true") { "\(try $0.prepend($1.text, "more"))" },
        Operation(name: "prepend", variant: "quiet", healthy: "true", forgiving: ["true"]) {
            "\(try $0.prepend($1.text, "more", noreply: true))"
        },
        Operation(name: "cas", healthy: "true") { "\(try $0.cas($1.text, "new", cas: $1.token))" },
        Operation(name: "cas", variant: "quiet", healthy: "true", forgiving: ["true"]) {
            "\(try $0.cas($1.text, "new", cas: $1.token, noreply: true))"
        },
        Operation(name: "update", healthy: "texttext") { client, items in
            try client.update(items.text, as: String.self) { $0.map { $0 + $0 } } ?? "nil"
        },
        Operation(name: "delete", healthy: "true") { "\(try $0.delete($1.text))" },
        Operation(name: "delete", variant: "missing", healthy: "false") { "\(try $0.delete($1.missing))" },
        Operation(name: "delete", variant: "quiet", healthy: "true", forgiving: ["true"]) {
            "\(try $0.delete($1.text, noreply: true))"
        },
        Operation(name: "touch", healthy: "true") { "\(try $0.touch($1.text, time: 60))" },
        Operation(name: "touch", variant: "missing", healthy: "false") { "\(try $0.touch($1.missing, time: 60))" },
    ]

    private static let counting: [Operation] = [
        Operation(name: "incr", healthy: "7") { "\(try $0.incr($1.number, delta: 2))" },
        Operation(name: "decr", healthy: "3") { "\(try $0.decr($1.number, delta: 2))" },
        Operation(name: "incr", variant: "initial", healthy: "40") { "\(try $0.incr($1.missing, initial: 40))" },
        Operation(name: "decr", variant: "initial", healthy: "40") { "\(try $0.decr($1.missing, initial: 40))" },
        Operation(name: "incrMulti", healthy: "done") { client, items in
            try client.incrMulti([items.number])
            return "done"
        },
        Operation(name: "decrMulti", healthy: "done") { client, items in
            try client.decrMulti([items.number])
            return "done"
        },
    ]

    private static let storingMany: [Operation] = [
        Operation(name: "setMulti", healthy: "0") { "\(try $0.setMulti([$1.text: "new", $1.missing: "new"]).count)" },
        Operation(name: "setMulti", variant: "quiet", healthy: "0", forgiving: ["0"]) {
            "\(try $0.setMulti([$1.text: "new", $1.missing: "new"], noreply: true).count)"
        },
        Operation(name: "addMulti", healthy: "1") { "\(try $0.addMulti([$1.text: "new", $1.missing: "new"]).count)" },
        Operation(name: "replaceMulti", healthy: "1") {
            "\(try $0.replaceMulti([$1.text: "new", $1.missing: "new"]).count)"
        },
        Operation(name: "deleteMulti", healthy: "true") { "\(try $0.deleteMulti([$1.text, $1.number]))" },
        Operation(name: "deleteMulti", variant: "missing", healthy: "false") {
            "\(try $0.deleteMulti([$1.text, $1.missing]))"
        },
        Operation(name: "touchMulti", healthy: "1") { "\(try $0.touchMulti([$1.text, $1.missing], time: 60).count)" },
    ]

    private static let others: [Operation] = [
        Operation(name: "getStats", healthy: "1") { client, _ in
            "\(try client.getStats().filter { $0.stats["pid"] != nil }.count)"
        },
        Operation(name: "getStats", variant: "items", healthy: "1") { client, _ in
            "\(try client.getStats("items").count)"
        },
        Operation(name: "version", healthy: "1") { client, _ in
            "\(try client.version().filter { $0.version.first == "1" }.count)"
        },
        Operation(name: "ping", healthy: "done") { client, _ in
            for answer in client.ping() { if let error = answer.error { throw error } }
            return "done"
        },
        Operation(name: "get", variant: "subscript", healthy: "text") { client, items in
            try client.throwingForgiven { $0[items.text] ?? "nil" }
        },
        Operation(name: "set", variant: "subscript", healthy: "new") { client, items in
            try client.throwingForgiven { $0[items.text] = "new" }
            return client[items.text] ?? "nil"
        },
        Operation(name: "delete", variant: "subscript", healthy: "nil") { client, items in
            try client.throwingForgiven { $0[items.text] = nil }
            return client[items.text] ?? "nil"
        },
        Operation(name: "get", variant: "after disconnectAll", healthy: "text") { client, items in
            client.disconnectAll()
            return try client.get(items.text, as: String.self) ?? "nil"
        },
        Operation(name: "get", variant: "by a clone", healthy: "text") { client, items in
            try client.clone().get(items.text, as: String.self) ?? "nil"
        },
        Operation(name: "hash", healthy: "0", forgiving: ["0"]) { "\(try $0.hash($1.text))" },
        Operation(name: "server", healthy: "true", forgiving: ["true"]) {
            "\(try $0.server(for: $1.text) == $0.servers[0])"
        },
        // The last one: it empties the server.
        Operation(name: "flushAll", healthy: "done") { client, _ in
            try client.flushAll()
            return "done"
        },
    ]
}

extension Client {
    /// Runs what is forgiving, and throws what it has told `onError`.
    fileprivate func throwingForgiven<R>(_ body: (Client) throws -> R) throws -> R {
        let heard = Mutex<MemcachedError?>(nil)
        onError = { error in heard.withLock { $0 = $0 ?? error } }
        defer { onError = nil }
        let result = try body(self)
        if let error = heard.withLock({ $0 }) { throw error }
        return result
    }
}
