#if TLS
    internal import NIOCore

    /// Divides what a client sends into pieces that end where requests end.
    ///
    /// Each piece becomes a TLS record of its own, or several if it is one large request. memcached waits for its
    /// socket while there is more in a record that it has begun to read (seen with 1.6.18): of requests that are sent
    /// together it would leave the last ones unanswered forever, if a record ended in the middle of one.
    struct RequestFramer {
        /// As much as memcached reads at once, and the most that fits into a record.
        private static let largest = 16_384
        /// Text of this length without a line end is not a line.
        private static let longestLine = 65_536

        /// The bytes of incomplete requests.
        private var held = ByteBuffer()
        /// How much of a large request is still missing.
        private var rest = 0
        /// Whether this is not memcached's protocol, and passes as it is.
        private var isForeign = false

        /// Takes received bytes, and passes on the pieces that can be sent.
        mutating func add(_ bytes: ByteBuffer, _ send: (ByteBuffer) -> Void) {
            if held.readableBytes == 0 {
                held = bytes
            } else {
                var bytes = bytes
                held.writeBuffer(&bytes)
            }
            while held.readableBytes > 0, let count = nextPiece(), let piece = held.readSlice(length: count) {
                send(piece)
            }
        }

        /// How long the next piece is; nil if it has not arrived yet.
        private mutating func nextPiece() -> Int? {
            if isForeign { return held.readableBytes }
            if rest > 0 { return nextPart() }
            var end = 0
            while end < held.readableBytes {
                switch length(ofRequestAt: held.readerIndex + end) {
                case .unknown: return end == 0 ? nil : end
                case .foreign:
                    isForeign = true
                    return held.readableBytes
                case .known(let length) where length > Self.largest:
                    if end > 0 { return end }
                    rest = length
                    return nextPart()
                case .known(let length):
                    guard end + length <= min(held.readableBytes, Self.largest) else { return end == 0 ? nil : end }
                    end += length
                }
            }
            return end
        }

        private mutating func nextPart() -> Int {
            let count = min(rest, held.readableBytes)
            rest -= count
            return count
        }

        // MARK: - The protocols

        private enum Length {
            case known(Int)
            case unknown
            case foreign
        }

        private func length(ofRequestAt index: Int) -> Length {
            guard held.getInteger(at: index, as: UInt8.self) != 0x80 else {
                guard let body = held.getInteger(at: index + 8, as: UInt32.self) else { return .unknown }
                return .known(24 + Int(body))
            }
            let text = held.readableBytesView[index...]
            guard let end = text.firstIndex(of: UInt8(ascii: "\n")) else {
                return text.count > Self.longestLine ? .foreign : .unknown
            }
            let line = end + 1 - index
            return .known(line + lengthOfValue(behind: text[..<end]))
        }

        private static let storageCommands: Set<[UInt8]> = Set(
            ["set", "add", "replace", "append", "prepend", "cas"].map { Array($0.utf8) }
        )

        /// How long the value after a line is, with its line end: `set key flags time length`.
        private func lengthOfValue(behind line: ByteBufferView) -> Int {
            let space = UInt8(ascii: " ")
            guard let first = line.first, "sarpc".utf8.contains(first) else { return 0 }
            let words = line.split(separator: space, maxSplits: 5)
            guard words.count >= 5, Self.storageCommands.contains(Array(words[0])) else { return 0 }
            let digits = String(decoding: words[4], as: UTF8.self).prefix { $0.isASCII && $0.isNumber }
            return Int(digits).map { min($0, Int(Int32.max)) + 2 } ?? 0
        }
    }
#endif
