internal import CPlatform

/// Reads the items of a reply in the text protocol: `VALUE <key> <flags> <bytes> [<cas>]`, the bytes, and at last
/// `END`.
@safe
struct TextItemReader {
    let stream: LineStream
    /// The namespace in front of each key on the server.
    let namespace: [UInt8]
    let withCAS: Bool
    /// How many bytes a value may have; longer ones are left to libmemcached, which reports an error.
    let longest: Int

    /// The content of an item's line.
    struct Item {
        /// Where in the unread bytes the key is, without the namespace.
        var key = 0..<0
        /// How long the line is, without its end.
        var lineLength = 0
        var flags = Flags(rawValue: 0)
        var byteCount = 0
        var cas = CAS(rawValue: 0)
    }

    enum Next {
        case item
        case end
        case failed(TextEnding)
    }

    /// Lends the next item if it belongs to a key, which is given without the namespace, and moves past it.
    ///
    /// - Returns: False, and nothing is read, if another item is next, or it has not arrived completely, or needs a
    ///   closer look.
    @inline(__always)
    func takeItem(of key: UnsafeRawPointer, _ count: Int, _ body: (RawSpan, Flags, CAS) -> Void) -> Bool {
        let unread = unsafe stream.unread
        // So that no digit needs a bounds check.
        guard namespace.isEmpty, unread.count >= 7 + count + Self.mostOfNumbers else { return false }
        let base = unsafe unread.baseAddress.unsafelyUnwrapped
        guard unsafe base.loadUnaligned(as: UInt32.self) == Self.value,
            unsafe base.loadUnaligned(fromByteOffset: 4, as: UInt16.self) == Self.endOfValue,
            unsafe memcmp(base + 6, key, count) == 0, unsafe unread[6 + count] == Ascii.blank
        else { return false }
        var position = 7 + count
        guard let flags = unsafe Self.shortNumber(unread, &position), flags <= UInt32.max,
            unsafe unread[position] == Ascii.blank
        else { return false }
        position += 1
        guard let length = unsafe Self.shortNumber(unread, &position), length <= UInt64(min(longest, Int(Int32.max)))
        else { return false }
        var cas: UInt64 = 0
        if withCAS {
            guard unsafe unread[position] == Ascii.blank else { return false }
            position += 1
            guard let number = unsafe Self.shortNumber(unread, &position) else { return false }
            cas = number
        }
        let start = position + 2
        let end = start + Int(length)
        guard end + 2 <= unread.count,
            unsafe base.loadUnaligned(fromByteOffset: position, as: UInt16.self) == Self.lineEnd,
            unsafe base.loadUnaligned(fromByteOffset: end, as: UInt16.self) == Self.lineEnd
        else { return false }
        body(
            unsafe UnsafeRawBufferPointer(rebasing: unread[start..<end]).bytes,
            Flags(rawValue: UInt32(flags)),
            CAS(rawValue: cas)
        )
        stream.skip(end + 2)
        return true
    }

    /// The most digits of a number that is read this way.
    private static var mostDigits: Int { 19 }
    /// Three numbers, the blanks between them, and the end of the line.
    private static var mostOfNumbers: Int { 3 * (mostDigits + 1) + 1 }
    /// The end of "VALUE ".
    private static var endOfValue: UInt16 { UInt16(littleEndian: 0x2045) }
    private static var lineEnd: UInt16 { UInt16(littleEndian: 0x0A0D) }

    /// Reads a number that can't be too large for 64 bits, and moves past it.
    @inline(__always)
    private static func shortNumber(_ bytes: UnsafeRawBufferPointer, _ position: inout Int) -> UInt64? {
        let start = position
        var number: UInt64 = 0
        while true {
            let digit = unsafe bytes[position] &- Ascii.zero
            if digit >= 10 { return position > start ? number : nil }
            guard position - start < mostDigits else { return nil }
            number = number &* 10 &+ UInt64(digit)
            position += 1
        }
    }

    /// Reads the line of the next item, which stays there until the value is read.
    @inline(__always)
    func next(_ item: inout Item) -> Next {
        var ending = LineStream.Ending.done
        guard let length = stream.line(&ending) else { return .failed(TextEnding(ending)) }
        let line = unsafe UnsafeRawBufferPointer(rebasing: stream.unread[..<length])
        guard length > 6, unsafe line.loadUnaligned(as: UInt32.self) == Self.value else {
            guard length == 3, unsafe line.elementsEqual("END".utf8) else { return .failed(.closed) }
            stream.skipLine(length)
            // No other item was asked for.
            return unsafe stream.unread.isEmpty ? .end : .failed(.closed)
        }
        item.lineLength = length
        return unsafe parse(line, &item) ? .item : .failed(.closed)
    }

    /// The beginning of "VALUE ".
    private static var value: UInt32 { UInt32(littleEndian: 0x554C_4156) }

    @inline(__always)
    private func parse(_ line: UnsafeRawBufferPointer, _ item: inout Item) -> Bool {
        let base = unsafe line.baseAddress.unsafelyUnwrapped
        guard unsafe line[4] == UInt8(ascii: "E"), unsafe line[5] == UInt8(ascii: " "),
            let blank = unsafe memchr(base + 6, CInt(UInt8(ascii: " ")), line.count - 6)
        else { return false }
        let end = unsafe UnsafeRawPointer(blank) - base
        let start = 6 + namespace.count
        guard start < end else { return false }
        if _slowPath(!namespace.isEmpty), unsafe !line[6..<start].elementsEqual(namespace) { return false }
        item.key = start..<end
        var position = end + 1
        guard let flags = unsafe Self.number(line, &position), flags <= UInt32.max,
            let count = unsafe Self.number(line, &position), count <= UInt64(min(longest, Int(Int32.max)))
        else { return false }
        item.flags = Flags(rawValue: UInt32(flags))
        item.byteCount = Int(count)
        if withCAS {
            guard let cas = unsafe Self.number(line, &position) else { return false }
            item.cas = CAS(rawValue: cas)
        }
        return position == line.count + 1
    }

    /// Reads a number and moves past the blank after it, or past the end.
    @inline(__always)
    private static func number(_ line: UnsafeRawBufferPointer, _ position: inout Int) -> UInt64? {
        var number: UInt64 = 0
        let start = position
        while position < line.count {
            let digit = unsafe line[position] &- Ascii.zero
            if digit >= 10 {
                guard unsafe line[position] == Ascii.blank else { return nil }
                break
            }
            let (tens, overflows) = number.multipliedReportingOverflow(by: 10)
            let (sum, overflows2) = tens.addingReportingOverflow(UInt64(digit))
            if overflows || overflows2 { return nil }
            number = sum
            position += 1
        }
        guard position > start else { return nil }
        position += 1
        return number
    }

    /// Whether an item belongs to a key, which is given without the namespace.
    @inline(__always)
    func isKey(of item: Item, _ key: UnsafeRawPointer, _ count: Int) -> Bool {
        guard item.key.count == count else { return false }
        return unsafe memcmp(stream.unread.baseAddress.unsafelyUnwrapped + item.key.lowerBound, key, count) == 0
    }

    /// Lends the value of an item, and moves past it.
    @inline(__always)
    func withValue(of item: Item, _ body: (RawSpan) -> Void) -> TextEnding {
        stream.skipLine(item.lineLength)
        let ending = stream.wait(forBytes: item.byteCount + 2)
        guard ending == .done else { return TextEnding(ending) }
        let unread = unsafe stream.unread
        guard unsafe unread[item.byteCount] == UInt8(ascii: "\r"),
            unsafe unread[item.byteCount + 1] == UInt8(ascii: "\n")
        else { return .closed }
        body(unsafe UnsafeRawBufferPointer(rebasing: unread[..<item.byteCount]).bytes)
        stream.skip(item.byteCount + 2)
        return .done
    }
}
