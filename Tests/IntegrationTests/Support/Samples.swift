import SwiftLibMC
import TestSupport

/// Something of a program's own.
struct Person: Codable, Hashable, Sendable {
    var name: String
    var age: Int?
    var tags: [String] = []

    static let ada = Person(name: "Ada Lovelace ✍️", age: 36, tags: ["math", "poetry"])
}

extension [UInt8] {
    /// Bytes that nothing can be compressed in, the same ones every time.
    static func noise(_ count: Int) -> [UInt8] {
        var state: UInt64 = 0x9E37_79B9_7F4A_7C15
        return (0..<count).map { _ in
            state ^= state << 13
            state ^= state >> 7
            state ^= state << 17
            return UInt8(truncatingIfNeeded: state >> 32)
        }
    }

    /// All bytes there are.
    static let everyByte = (0...255).map { UInt8($0) }
}

extension MemcachedServer {
    /// Stores an item behind the client's back, with any flags.
    func plant(_ key: String, _ bytes: [UInt8], flags: Flags = .bytes, time: Int = 0) throws {
        let connection = try RawConnection(to: address)
        try connection.send("set \(key) \(flags.rawValue) \(time) \(bytes.count)\r\n")
        try connection.send(bytes + Array("\r\n".utf8))
        let reply = try connection.receive(through: "\r\n")
        guard reply == "STORED\r\n" else { throw SystemError("set \(key): \(reply)") }
    }

    /// In how many seconds an item expires: -1 for never, nil if there is none.
    func timeToLive(_ key: String) throws -> Int? {
        // memcached's meta command.
        let reply = try ask("mg \(key) t")
        guard reply.hasPrefix("HD t") else { return nil }
        return Int(reply.dropFirst(4))
    }
}
