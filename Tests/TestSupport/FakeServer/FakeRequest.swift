/// One request that a `FakeServer` has received, in either protocol.
public struct FakeRequest: Sendable {
    /// All of it, as it came.
    public let bytes: [UInt8]

    /// Whether it is in the binary protocol.
    public var isBinary: Bool { bytes.first == Self.magic }

    /// The operation's number in the binary protocol, nil in ASCII.
    public var opcode: UInt8? { isBinary ? bytes[1] : nil }

    /// Whether it is the binary "no operation", which ends what is sent quietly.
    public var isNoOperation: Bool { opcode == 0x0A }

    /// The number which a binary reply repeats, so that the client knows what it answers.
    public var opaque: [UInt8] { isBinary ? Array(bytes[12..<16]) : [] }

    /// The key: the field of that name in the binary protocol, the second word in ASCII.
    public var key: String {
        guard isBinary else {
            let words = line.split(separator: " ")
            return words.count > 1 ? String(words[1]) : ""
        }
        let start = Self.headerLength + Int(bytes[4])
        let length = Int(bytes[2]) << 8 + Int(bytes[3])
        return String(decoding: bytes[start..<start + length], as: UTF8.self)
    }

    /// The command line in ASCII, without its end; empty in the binary protocol.
    public var line: String {
        isBinary ? "" : String(decoding: bytes.prefix { $0 != Self.carriageReturn }, as: UTF8.self)
    }

    /// The words of the command line in ASCII after the command; for a read these are its keys.
    public var arguments: [String] { line.split(separator: " ").dropFirst().map(String.init) }

    /// The value that comes with a storage command in ASCII.
    public var data: [UInt8] {
        guard !isBinary, bytes.count > line.utf8.count + 4 else { return [] }
        return Array(bytes[(line.utf8.count + 2)...].dropLast(2))
    }

    static let magic: UInt8 = 0x80
    static let headerLength = 24
    private static let carriageReturn = UInt8(ascii: "\r")
    private static let commandsWithData: Set<Substring> = ["set", "add", "replace", "append", "prepend", "cas"]

    /// Takes the first whole request off `buffer`, nil if there is none yet.
    init?(takenFrom buffer: inout [UInt8]) {
        guard let length = Self.length(of: buffer), buffer.count >= length else { return nil }
        self.bytes = Array(buffer.prefix(length))
        buffer.removeFirst(length)
    }

    private static func length(of buffer: [UInt8]) -> Int? {
        if buffer.first == magic {
            guard buffer.count >= headerLength else { return nil }
            return headerLength + buffer[8..<12].reduce(0) { $0 << 8 + Int($1) }
        }
        guard let end = buffer.firstRange(of: Array("\r\n".utf8))?.upperBound else { return nil }
        let words = String(decoding: buffer[..<(end - 2)], as: UTF8.self).split(separator: " ")
        guard words.count > 4, commandsWithData.contains(words[0]), let size = Int(words[4]) else { return end }
        return end + size + 2
    }

    /// A reply in the binary protocol.
    ///
    /// Status 0 is success; `flags` are the extra bytes, 4 of them after a successful get; `key` is for `getk` only.
    public func binaryReply(
        status: UInt16 = 0,
        flags: [UInt8] = [],
        key: String = "",
        value: [UInt8] = [],
        cas: UInt64 = 0
    ) -> [UInt8] {
        let length = flags.count + key.utf8.count + value.count
        var reply: [UInt8] = [0x81, opcode ?? 0]
        reply += Self.bytes(of: UInt16(key.utf8.count)) + [UInt8(flags.count), 0] + Self.bytes(of: status)
        reply += Self.bytes(of: UInt32(length)) + opaque + Self.bytes(of: cas)
        return reply + flags + Array(key.utf8) + value
    }

    /// Big-endian.
    private static func bytes(of number: some FixedWidthInteger) -> [UInt8] {
        stride(from: number.bitWidth - 8, through: 0, by: -8).map { UInt8(truncatingIfNeeded: number >> $0) }
    }
}
