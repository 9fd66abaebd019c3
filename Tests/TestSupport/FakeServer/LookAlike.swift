/// What looks like a memcached that speaks the ASCII protocol, and answers some requests as a test wants: with what a
/// proxy or a service says, and memcached does not.
public final class LookAlike: Sendable {
    /// What a test makes of a request; nil leaves it to the look-alike.
    public typealias Answer = @Sendable (FakeRequest) -> String?

    private struct Item {
        var flags: Substring
        var value: [UInt8]
        var version: Int
    }

    private struct Store {
        var items: [String: Item] = [:]
        var version = 0
    }

    private let store = Locked(Store())
    private let answer: Answer

    /// Makes a look-alike.
    public init(_ answer: @escaping Answer = { _ in nil }) { self.answer = answer }

    /// The script for its connections.
    public var script: FakeScript { .answering { [self] request in reply(to: request) } }

    /// How many items there are.
    public var count: Int { store.withLock { $0.items.count } }

    private func reply(to request: FakeRequest) -> [UInt8] {
        if let text = answer(request) { return Array(text.utf8) }
        let words = request.line.split(separator: " ")
        if words.first == "get" || words.first == "gets" {
            return values(words.dropFirst(), withVersion: words.first == "gets")
        }
        let line =
            switch words.first {
            case "set", "add", "replace": keep(words, request.data)
            case "delete": store.withLock { $0.items.removeValue(forKey: request.key) } == nil ? "NOT_FOUND" : "DELETED"
            case "touch": store.withLock { $0.items[request.key] } == nil ? "NOT_FOUND" : "TOUCHED"
            case "incr": count(request.key, words)
            case "version": "VERSION 1.6.18"
            default: "ERROR"
            }
        return Array("\(line)\r\n".utf8)
    }

    private func values(_ keys: ArraySlice<Substring>, withVersion: Bool) -> [UInt8] {
        store.withLock { store in
            var reply: [UInt8] = []
            for key in keys {
                guard let item = store.items[String(key)] else { continue }
                let version = withVersion ? " \(item.version)" : ""
                reply += Array("VALUE \(key) \(item.flags) \(item.value.count)\(version)\r\n".utf8)
                reply += item.value + Array("\r\n".utf8)
            }
            return reply + Array("END\r\n".utf8)
        }
    }

    private func keep(_ words: [Substring], _ value: [UInt8]) -> String {
        store.withLock { store in
            let key = String(words[1])
            let exists = store.items[key] != nil
            if words[0] == "add" && exists || words[0] == "replace" && !exists { return "NOT_STORED" }
            store.version += 1
            store.items[key] = Item(flags: words[2], value: value, version: store.version)
            return "STORED"
        }
    }

    private func count(_ key: String, _ words: [Substring]) -> String {
        store.withLock { store in
            guard let item = store.items[key] else { return "NOT_FOUND" }
            guard let value = UInt64(String(decoding: item.value, as: UTF8.self)), let delta = UInt64(words[2]) else {
                return "CLIENT_ERROR cannot increment or decrement non-numeric value"
            }
            store.items[key]?.value = Array("\(value &+ delta)".utf8)
            return "\(value &+ delta)"
        }
    }
}

extension FakeServer {
    /// A server that looks like a memcached, and answers some requests in its own way.
    public static func lookAlike(_ answer: @escaping LookAlike.Answer = { _ in nil }) throws -> FakeServer {
        try FakeServer(LookAlike(answer).script)
    }
}
