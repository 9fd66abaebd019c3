#if canImport(FoundationEssentials)
    internal import FoundationEssentials
#else
    internal import Foundation
#endif

/// What a server knows about an item besides its value, found by ``Client/metadata(_:)``.
public struct ItemMetadata: Hashable, Sendable {
    /// How long the item still lives, in whole seconds; nil if it never expires.
    public let timeToLive: Duration?
    /// How long ago the item was last read or stored, in whole seconds.
    public let sinceLastAccess: Duration
    /// Whether the item has been read since it was stored.
    public let wasRead: Bool
    /// How many bytes the value has on the server.
    public let size: Int
    /// How to read the value.
    public let flags: Flags
    /// The item's version, for `cas`.
    public let cas: CAS

    /// Makes metadata.
    public init(
        timeToLive: Duration?,
        sinceLastAccess: Duration,
        wasRead: Bool,
        size: Int,
        flags: Flags,
        cas: CAS
    ) {
        self.timeToLive = timeToLive
        self.sinceLastAccess = sinceLastAccess
        self.wasRead = wasRead
        self.size = size
        self.flags = flags
        self.cas = cas
    }
}

extension Client {
    /// Reads what a server knows about an item besides its value, such as how long it still lives.
    ///
    /// It takes the meta commands of memcached 1.6 and newer (`mg`), is sent in the ASCII protocol, over a connection
    /// of its own, whatever protocol the client speaks, and counts as a read of the item. It is for inspection: each
    /// call makes a new connection. pylibmc has no such method.
    ///
    /// - Returns: The metadata, nil if there is no such item.
    /// - Throws: `.badKey`; `.notSupported` for servers without meta commands, with credentials and over UDP;
    ///   `.clientError` for keys of more than 186 bytes that are not all printable ASCII, which these commands can't
    ///   name; a failure of the server.
    public final func metadata<K: CacheKey>(_ key: K) throws(MemcachedError) -> ItemMetadata? {
        try refusePasswords(.metadata, "servers tell this")
        let (wireKey, position) = try key.withKeyBytes { bytes, routing throws(MemcachedError) in
            try handle.traits.keyRules.check(bytes, for: .metadata)
            return (Array((behaviors.namespace ?? "").utf8) + Array(copying: bytes), handle.position(of: routing))
        }
        let call = handle.startCall(asksAtOnce: false)
        defer { handle.endCall(call) }
        do throws(MemcachedError) {
            var connection = try AdminConnection(to: servers[position], handle.patience, for: .metadata)
            return try connection.metadata(wireKey)
        } catch {
            throw handle.inTime(error, .metadata, at: position).about(key)
        }
    }
}

extension AdminConnection {
    fileprivate mutating func metadata(_ key: [UInt8]) throws(MemcachedError) -> ItemMetadata? {
        try sendText("mg \(Self.metaKey(key)) t l h s f c")
        let reply = try readLine()
        if reply == "EN" { return nil }
        guard reply.hasPrefix("HD ") else {
            // The answer of a server, or a proxy, that has no such command.
            if reply == "ERROR" { throw failure(.notSupported, Self.hasNoMetaCommands) }
            throw refusal(reply)
        }
        guard let metadata = ItemMetadata(reply) else { throw notMemcached() }
        return metadata
    }

    private static let hasNoMetaCommands = "the server has no meta commands, which memcached has since 1.6"

    /// The key as meta commands take it: with blanks, control bytes, or bytes that are not ASCII, in Base64.
    private static func metaKey(_ key: [UInt8]) -> String {
        if key.allSatisfy({ 0x21...0x7E ~= $0 }) { return String(decoding: key, as: UTF8.self) }
        // The flag marks a key in Base64.
        return Data(key).base64EncodedString() + " b"
    }
}

extension ItemMetadata {
    /// Reads a line such as `HD t99 l1 h1 s5 f16 c7`.
    init?(_ reply: String) {
        var numbers: [Character: UInt64] = [:]
        var neverExpires = false
        for field in reply.split(separator: " ").dropFirst() {
            if field == "t-1" {
                neverExpires = true
            } else if let name = field.first, let number = UInt64(field.dropFirst()) {
                numbers[name] = number
            }
        }
        guard let access = numbers["l"].flatMap(Int64.init(exactly:)), let wasRead = numbers["h"],
            let size = numbers["s"].flatMap(Int.init(exactly:)),
            let flags = numbers["f"].flatMap(UInt32.init(exactly:)), let cas = numbers["c"]
        else { return nil }
        let life = numbers["t"].flatMap(Int64.init(exactly:))
        guard neverExpires || life != nil else { return nil }
        self.init(
            timeToLive: life.map { .seconds($0) },
            sinceLastAccess: .seconds(access),
            wasRead: wasRead != 0,
            size: size,
            flags: Flags(rawValue: flags),
            cas: CAS(rawValue: cas)
        )
    }
}
