/// Changes replies by chance, in ways that those who read them may not have thought of.
struct ReplyGarbler {
    private var dice: Dice
    /// Replies that have come before, to mix with others.
    private var earlier: [[UInt8]] = []
    private static let mostEarlier = 32
    private static let headerLength = 24

    private static let words = [
        "VALUE k 0 4", "END", "STORED", "NOT_STORED", "EXISTS", "NOT_FOUND", "DELETED", "TOUCHED", "OK", "ERROR",
        "STAT",
        "CLIENT_ERROR no", "SERVER_ERROR no", "VERSION 1.6.18", "VERSION 4294967296.-1.x", "5", "-1", "ITEM", "KEY",
        "BUSY",
    ]
    private static let numbers = [
        "-1", "-2", "0", "1", "255", "65535", "65536", "2147483647", "2147483648", "4294967295", "18446744073709551615",
        "18446744073709551616", "99999999999999999999", "", " ", "1e9", "0x10",
    ]

    init(_ dice: Dice) { self.dice = dice }

    /// What to send in place of a reply.
    mutating func garbled(_ reply: [UInt8]) -> [UInt8] {
        if earlier.count == Self.mostEarlier { earlier.remove(at: dice.below(earlier.count)) }
        earlier.append(reply)
        var bytes = reply
        let isBinary = reply.first == FakeRequest.magic | 1
        for _ in 0...dice.below(3) {
            switch dice.below(8) {
            case 0, 1: if isBinary { changeField(&bytes) } else { changeNumber(&bytes) }
            case 2: if isBinary { changeField(&bytes) } else { changeLine(&bytes) }
            case 3: changeByte(&bytes)
            case 4: insert(&bytes)
            case 5: bytes.removeSubrange(range(bytes))
            case 6: bytes.insert(contentsOf: bytes[range(bytes)], at: dice.below(bytes.count + 1))
            default: mix(&bytes)
            }
        }
        return bytes
    }

    private mutating func range(_ bytes: [UInt8]) -> Range<Int> {
        let start = dice.below(bytes.count + 1)
        return start..<start + dice.below(bytes.count - start + 1)
    }

    private mutating func changeByte(_ bytes: inout [UInt8]) {
        guard !bytes.isEmpty else { return }
        let place = dice.below(bytes.count)
        bytes[place] = dice.chance(2) ? bytes[place] ^ 1 << UInt8(dice.below(8)) : UInt8(dice.below(256))
    }

    private mutating func insert(_ bytes: inout [UInt8]) {
        let count = dice.chance(8) ? dice.below(9000) : dice.below(20)
        let byte = dice.one(of: [0, 0x20, 0x0A, 0x0D, 0x30, 0x41, 0xFF] as [UInt8])
        bytes.insert(contentsOf: repeatElement(byte, count: count), at: dice.below(bytes.count + 1))
    }

    /// Another reply instead, before, behind or within.
    private mutating func mix(_ bytes: inout [UInt8]) {
        let other = dice.one(of: earlier)
        if dice.chance(3) { bytes = other } else { bytes.insert(contentsOf: other, at: dice.below(bytes.count + 1)) }
    }

    /// One field of the header of one of the replies.
    private mutating func changeField(_ bytes: inout [UInt8]) {
        let headers = bytes.indices.filter { bytes[$0] == 0x81 && $0 + Self.headerLength <= bytes.count }
        guard !headers.isEmpty else { return changeByte(&bytes) }
        let start = dice.one(of: headers)
        // Opcode, length of the key, that of the extras, type, status, length of the body, opaque, version.
        let field = dice.one(of: [1..<2, 2..<4, 4..<5, 5..<6, 6..<8, 8..<12, 12..<16, 16..<24])
        let value = dice.one(of: [
            0, 1, 2, 4, 8, 24, 250, 251, 252, 255, 256, 1 << 15, 1 << 16, 1 << 24, 1 << 31, -1, -2,
        ])
        for place in field {
            bytes[start + place] = UInt8(truncatingIfNeeded: value >> ((field.upperBound - 1 - place) * 8))
        }
        if dice.chance(4) { bytes[start + field.upperBound - 1] &+= UInt8(dice.below(5)) }
    }

    /// One of the numbers in a text.
    private mutating func changeNumber(_ bytes: inout [UInt8]) {
        let isDigit = bytes.map { (0x30...0x39).contains($0) }
        let starts = bytes.indices.filter { isDigit[$0] && ($0 == 0 || !isDigit[$0 - 1]) }
        guard !starts.isEmpty else { return changeLine(&bytes) }
        let start = dice.one(of: starts)
        let end = isDigit[start...].firstIndex(of: false) ?? bytes.count
        bytes.replaceSubrange(start..<end, with: Array(dice.one(of: Self.numbers).utf8))
    }

    /// One of the lines of a text.
    private mutating func changeLine(_ bytes: inout [UInt8]) {
        let starts = [0] + bytes.indices.filter { bytes[$0] == 0x0A }.map { $0 + 1 }
        let start = dice.one(of: starts)
        let end = bytes[start...].firstIndex(of: 0x0D) ?? bytes.count
        bytes.replaceSubrange(start..<end, with: Array(dice.one(of: Self.words).utf8))
        if end == bytes.count { bytes += [0x0D, 0x0A] }
    }
}
