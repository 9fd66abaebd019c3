import TestSupport

/// What a server holds under a key, seen without any of the clients.
struct StoredItem: Equatable {
    let flags: UInt32
    let bytes: [UInt8]

    /// Looks at a server; nil if there is no such key.
    init?(_ key: String, on server: MemcachedServer) throws {
        let connection = try RawConnection(to: server.address)
        try connection.send("get \(key)\r\n")
        let line = try connection.receive(through: "\r\n")
        // VALUE key flags length
        let words = line.split { $0.isWhitespace }
        guard words.count == 4, let flags = UInt32(words[2]), let length = Int(words[3]) else { return nil }
        self.flags = flags
        bytes = try connection.receive(length)
    }
}
