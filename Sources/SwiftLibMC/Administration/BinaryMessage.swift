/// The requests of the binary protocol that concern a server as a whole.
enum BinaryOpcode: UInt8 {
    case flush = 0x08
    case noop = 0x0A
    case version = 0x0B
    case statistics = 0x10
    case mechanisms = 0x20
    case authenticate = 0x21

    /// The request's bytes.
    func request(key: String = "", extras: [UInt8] = [], value: [UInt8] = []) -> [UInt8] {
        let key = Array(key.utf8)
        var bytes: [UInt8] = [0x80, rawValue]
        bytes += BinaryReply.bytes(of: UInt16(key.count)) + [UInt8(extras.count), 0, 0, 0]
        bytes += BinaryReply.bytes(of: UInt32(key.count + extras.count + value.count))
        bytes += [UInt8](repeating: 0, count: BinaryReply.headerLength - bytes.count)
        return bytes + extras + key + value
    }
}

/// A reply in the binary protocol.
struct BinaryReply {
    static let magic: UInt8 = 0x81
    static let headerLength = 24

    let opcode: BinaryOpcode
    let status: UInt16
    let key: [UInt8]
    let value: [UInt8]

    /// What a header says about its reply.
    struct Header {
        let opcode: BinaryOpcode
        let status: UInt16
        let keyLength: Int
        let extrasLength: Int
        let bodyLength: Int

        /// Reads the 24 bytes; nil if they contradict themselves.
        init?(_ bytes: [UInt8]) {
            guard bytes.count == headerLength, bytes[0] == magic, let opcode = BinaryOpcode(rawValue: bytes[1]) else {
                return nil
            }
            self.opcode = opcode
            keyLength = number(bytes[2..<4])
            extrasLength = Int(bytes[4])
            status = UInt16(number(bytes[6..<8]))
            bodyLength = number(bytes[8..<12])
            guard keyLength + extrasLength <= bodyLength else { return nil }
        }
    }

    init(_ header: Header, body: [UInt8]) {
        opcode = header.opcode
        status = header.status
        let rest = body[header.extrasLength...]
        key = Array(rest.prefix(header.keyLength))
        value = Array(rest.dropFirst(header.keyLength))
    }

    /// Big-endian.
    static func bytes(of number: some FixedWidthInteger) -> [UInt8] {
        stride(from: number.bitWidth - 8, through: 0, by: -8).map { UInt8(truncatingIfNeeded: number >> $0) }
    }

    private static func number(_ bytes: ArraySlice<UInt8>) -> Int { bytes.reduce(0) { $0 << 8 + Int($1) } }
}
