import Foundation
import SwiftLibMC

// The parts of the tour, in their order.

// MARK: - Signing in

func signIn(_ settings: Settings, _ screen: Screen) throws {
    screen.section("Signing in", "to \(settings.vault), with SASL over the binary protocol")

    let client = try Client([settings.vault], username: settings.username, password: settings.password)
    try client.set("secret", "sesame")
    let secret = try client.get("secret", as: String.self)
    screen.fact(#"client.get("secret")"#, secret ?? "nil", secret == "sesame")

    let stranger = try Client([settings.vault], username: settings.username, password: "wrong")
    screen.refusal("…with a wrong password", .authFailure) { _ = try stranger.get("secret", as: String.self) }

    let nobody = try Client([settings.vault])
    screen.refusal("…without any", .authFailure) { _ = try nobody.get("secret", as: String.self) }
}

// MARK: - Values

struct Planet: Codable, Equatable {
    var name: String
    var moons: Int
    var discovered: Int?
}

func storeValues(_ settings: Settings, _ screen: Screen) throws {
    screen.section("Values", "as the server keeps them: in pylibmc's format, so that Python programs read them, too")
    let client = try Client(settings.servers)

    /// Stores a value, reads it back, and looks at what the server keeps.
    func roundTrip<Value: Codable & Equatable>(_ key: String, _ value: Value, _ code: String) throws {
        try client.set(key, value, time: .minutes(10))
        let back = try client.get(key, as: Value.self)
        let item = try client.item(key)
        let stored = String(decoding: item?.bytes ?? [], as: UTF8.self)
        let kept = stored.count > 30 ? "\(stored.count) bytes" : stored
        screen.fact(code, "\(kept), flags \(item?.flags.rawValue ?? 0)", back == value)
    }

    try roundTrip("greeting", "Grüße aus Köln", #"set("greeting", "Grüße aus Köln")"#)
    try roundTrip("answer", 42, #"set("answer", 42)"#)
    try roundTrip("pi", 3.14159, #"set("pi", 3.14159)"#)
    try roundTrip("flag", true, #"set("flag", true)"#)
    try roundTrip("bytes", [0x66, 0x6F, 0x6F] as [UInt8], #"set("bytes", [0x66, 0x6F, 0x6F] as [UInt8])"#)
    let planet = Planet(name: "Neptune", moons: 16, discovered: 1846)
    try roundTrip("planet", planet, #"set("planet", Planet(name: "Neptune", …))"#)

    let missing = try client.get("nothing here", as: Planet.self)
    screen.fact(#"get("nothing here", as: Planet.self)"#, "nil: a miss is a result, no error", missing == nil)
}

// MARK: - Compression

func compress(_ settings: Settings, _ screen: Screen) throws {
    screen.section("Compression", "of a text of 1 MB: the licences on this system, joined and repeated")
    let client = try Client(settings.servers)
    client.compression = Compression(minLength: 4096, level: 6)

    let text = try licences(bytes: 1_000_000)
    let clock = ContinuousClock()
    let writing = try clock.measure { try client.set("licences", text) }
    var back: String?
    let reading = try clock.measure { back = try client.get("licences") }
    screen.fact(
        #"get("licences") == text"#,
        "\(text.utf8.count.grouped) bytes, read in \(reading.milliseconds)",
        back == text
    )

    let item = try client.item("licences")
    let kept = item?.bytes.count ?? 0
    let share = (Double(kept) / Double(text.utf8.count) * 1000).rounded() / 10
    screen.fact(
        #"item("licences").bytes.count"#,
        "\(kept.grouped) on the server: \(share) %, written in \(writing.milliseconds)",
        item?.flags.contains(.zlib) == true && kept > 0 && kept < text.utf8.count / 2
    )
}

/// The texts in /usr/share/common-licenses, each once, and again from the start if they are not enough.
private func licences(bytes: Int) throws -> String {
    let folder = "/usr/share/common-licenses"
    let names = ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []).sorted()
    var texts: [String] = []
    for name in names {
        guard let text = try? String(contentsOfFile: "\(folder)/\(name)", encoding: .utf8) else { continue }
        // Some names are links to others.
        if !texts.contains(text) { texts.append(text) }
    }
    // Where there are none, the library's own licence has to do.
    if texts.isEmpty { texts = [try String(contentsOfFile: "LICENSE", encoding: .utf8)] }

    var joined = texts.joined(separator: "\n")
    while joined.utf8.count < bytes { joined += joined }
    return String(decoding: joined.utf8.prefix(bytes), as: UTF8.self)
}

// MARK: - Many keys

func useManyKeys(_ settings: Settings, _ screen: Screen) throws {
    screen.section("Many keys", "on \(settings.servers.count) servers at once")
    let client = try Client(settings.servers)
    let scores = Dictionary(uniqueKeysWithValues: (1...1000).map { ("player-\($0)", $0 * 10) })

    let failed = try client.setMulti(scores, keyPrefix: "score:")
    screen.fact(
        #"setMulti(scores, keyPrefix: "score:")"#,
        "\(failed.count) of \(scores.count.grouped) keys failed",
        failed.isEmpty
    )

    let found = try client.getMulti(scores.keys, keyPrefix: "score:", as: Int.self)
    screen.fact(
        #"getMulti(keys, keyPrefix: "score:")"#,
        "\(found.count.grouped) found, all with their values",
        found == scores
    )

    var shares = [Int](repeating: 0, count: client.servers.count)
    for key in scores.keys {
        let server = try client.server(for: "score:\(key)")
        if let index = client.servers.firstIndex(of: server) { shares[index] += 1 }
    }
    let spread = shares.map { "\($0)" }.joined(separator: " + ")
    screen.fact("server(for: key)", "\(spread) keys on each", shares.allSatisfy { $0 > 0 })

    let deleted = try client.deleteMulti(scores.keys, keyPrefix: "score:")
    let left = try client.getMulti(scores.keys, keyPrefix: "score:", as: Int.self).count
    screen.fact(#"deleteMulti(keys, keyPrefix: "score:")"#, "\(deleted): \(left) left", deleted && left == 0)

    // The best of five for each: other programs on this machine take their share of time.
    let clock = ContinuousClock()
    var loop = Duration.seconds(3600)
    var pipelined = Duration.seconds(3600)
    for _ in 1...5 {
        loop = min(loop, try clock.measure { for (key, value) in scores { try client.set(key, value) } })
        pipelined = min(pipelined, try clock.measure { _ = try client.setMulti(scores) })
    }
    screen.fact("for (key, value) in scores { set(key, value) }", loop.milliseconds, true)
    let factor = ((loop / pipelined) * 10).rounded() / 10
    screen.fact("setMulti(scores)", "\(pipelined.milliseconds): \(factor) times as fast", pipelined < loop)
}

// MARK: - Changes that don't get lost

func changeSafely(_ settings: Settings, _ screen: Screen) throws {
    screen.section("Changes that don't get lost", "when two writers meet")
    let client = try Client(settings.servers)
    let other = try client.clone()

    try client.set("basket", ["apple"])
    guard let (basket, token) = try client.gets("basket", as: [String].self) else { throw Lost("basket") }
    // Somebody else comes in between…
    try other.set("basket", ["apple", "pear"])
    let swapped = try client.cas("basket", basket + ["plum"], cas: token)
    let kept = try client.get("basket", as: [String].self)
    screen.fact(
        #"cas("basket", …, cas: stale token)"#,
        "\(swapped): the other's pear is safe",
        !swapped && kept == ["apple", "pear"]
    )

    let updated = try client.update("basket", default: [String]()) { $0 + ["plum"] }
    screen.fact(#"update("basket") { $0 + ["plum"] }"#, "\(updated ?? [])", updated == ["apple", "pear", "plum"])

    try client.delete("visits")
    let first = try client.incr("visits", initial: 1)
    let second = try other.incr("visits", initial: 1)
    let third = try client.incr("visits", delta: 10)
    screen.fact(
        #"incr("visits", initial: 1), twice, then by 10"#,
        "\(first), \(second), \(third)",
        [first, second, third] == [1, 2, 12]
    )
}

struct Lost: Error, CustomStringConvertible {
    let description: String

    init(_ key: String) { description = "the item \"\(key)\" is not there any more" }
}

// MARK: - Several threads

func shareWork(_ settings: Settings, _ screen: Screen) async throws {
    screen.section("Several threads", "each with a clone of its own; sharing one is a compile-time error")
    let client = try Client(settings.servers)
    try client.set("hits", 0)

    try await withThrowingTaskGroup { group in
        for task in 1...4 {
            let clone = try client.clone()
            group.addTask {
                for _ in 1...250 { try clone.incr("hits") }
                try clone.set("task-\(task)", "done")
            }
        }
        try await group.waitForAll()
    }

    let hits = try client.get("hits", as: Int.self)
    screen.fact("4 tasks × 250 × clone.incr(…)", "\(hits?.grouped ?? "nil") hits counted", hits == 1000)
    let done = try client.getMulti((1...4).map { "task-\($0)" }, as: String.self)
    screen.fact(
        "…and what they left behind",
        "\(done.count) × done",
        done.values.allSatisfy { $0 == "done" } && done.count == 4
    )
}

// MARK: - Failures

func fail(_ settings: Settings, _ screen: Screen) throws {
    screen.section("Failures", "say what happened where, and in time")
    let lonely = try Client(["127.0.0.1:9"])
    screen.refusal("a server that is not there", .connectionFailure) { try lonely.set("key", "value") }

    let ascii = try Client(settings.servers, binary: false)
    screen.refusal("a key that would be two commands", .badKey) { try ascii.set("key\r\nflush_all", "value") }

    let client = try Client(settings.servers)
    try client.set("greeting", "hello")
    screen.refusal("text where a number is wanted", .deserialization) { _ = try client.get("greeting", as: Int.self) }
}

extension Screen {
    /// A fact: that a call throws, and with which code.
    func refusal(_ what: String, _ code: MemcachedError.Code, _ call: () throws -> Void) {
        do {
            try call()
            fact(what, "was let through", false)
        } catch {
            guard let error = error as? MemcachedError else { return fact(what, "\(error)", false) }
            fact(what, ".\(error.code)", error.code == code)
            remark("\(error)")
        }
    }
}
