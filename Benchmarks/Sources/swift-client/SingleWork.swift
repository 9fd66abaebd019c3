import Foundation
import Harness
import SwiftLibMC

/// A small value of one's own, as programs keep them.
struct Profile: Codable {
    var id = 12345
    var name = "some name"
    var tags = ["a", "b", "c"]
    var score = 3.25
}

/// Work on one key, for each type of value.
func singleWork(_ settings: Settings, _ client: Client) throws -> Work? {
    let key = settings.key
    let bytes = settings.value
    let text = String(decoding: bytes, as: UTF8.self)
    let data = Data(bytes)
    try client.set("bench:count", 1)
    switch (settings.op, settings.style) {
    case ("set", "bytes"): return { for _ in 0..<$0 { try client.set(key, bytes) } }
    case ("set", "string"): return { for _ in 0..<$0 { try client.set(key, text) } }
    case ("set", "data"): return { for _ in 0..<$0 { try client.set(key, data) } }
    case ("set", "int"): return { for _ in 0..<$0 { try client.set(key, 1_234_567) } }
    case ("set", "codable"):
        let profile = Profile()
        return { for _ in 0..<$0 { try client.set(key, profile) } }
    case ("get", "bytes"):
        try client.set(key, bytes)
        return { for _ in 0..<$0 { keep(try client.get(key, as: [UInt8].self)!.count) } }
    case ("get", "string"):
        try client.set(key, text)
        return { for _ in 0..<$0 { keep(try client.get(key, as: String.self)!.utf8.count) } }
    case ("get", "data"):
        try client.set(key, data)
        return { for _ in 0..<$0 { keep(try client.get(key, as: Data.self)!.count) } }
    case ("get", "with"):
        try client.set(key, bytes)
        return { for _ in 0..<$0 { keep(try client.withBytes(key) { $0.byteCount }!) } }
    case ("get", "int"):
        try client.set(key, 1_234_567)
        return { for _ in 0..<$0 { keep(try client.get(key, as: Int.self)!) } }
    case ("get", "codable"):
        try client.set(key, Profile())
        return { for _ in 0..<$0 { keep(try client.get(key, as: Profile.self)!.id) } }
    case ("get", "retrying"), ("get", "prefixed"):
        let cache = wrapped(client, settings.style)
        try cache.set(key, bytes)
        return { for _ in 0..<$0 { keep(try cache.get(key, as: [UInt8].self)!.count) } }
    case ("set", "retrying"), ("set", "prefixed"):
        let cache = wrapped(client, settings.style)
        return { for _ in 0..<$0 { try cache.set(key, bytes) } }
    case ("miss", _):
        return {
            for _ in 0..<$0 where try client.get("bench:none", as: [UInt8].self) != nil { throw Failure("a value") }
        }
    case ("incr", _):
        return { for _ in 0..<$0 { keep(Int(truncatingIfNeeded: try client.incr("bench:count"))) } }
    default: return nil
    }
}

/// What applications put around a client.
private func wrapped(_ client: Client, _ style: String) -> any MemcachedCommands {
    style == "prefixed" ? PrefixedCommands(client, prefix: "p:") : RetryingClient(client)
}

/// Storing and reading with compression.
func compressedWork(_ settings: Settings, _ client: Client) throws -> Work? {
    let key = settings.key
    let bytes = settings.value
    client.compression = Compression(minLength: 1, level: settings.level)
    switch settings.op {
    case "setCompressed": return { for _ in 0..<$0 { try client.set(key, bytes) } }
    case "getCompressed":
        try client.set(key, bytes)
        return { for _ in 0..<$0 { keep(try client.get(key, as: [UInt8].self)!.count) } }
    default: return nil
    }
}
