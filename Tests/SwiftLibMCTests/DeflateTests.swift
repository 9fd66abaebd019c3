import Foundation
import Testing

@testable import SwiftLibMC

/// Compressing values.
@Suite("Compressing")
struct DeflateCompressingTests {
    @Test(arguments: [-1, 1, 2, 3, 4, 5, 6, 7, 8, 9])
    func everyLevelComesBack(_ level: Int) throws {
        let deflate = Deflate()
        for bytes in [text(100), text(5000), text(300_000), [UInt8](repeating: 0, count: 1 << 20)] {
            let stream = try #require(compressed(bytes, level: level, by: deflate))
            #expect(stream.count < bytes.count)
            #expect(stream.first == 0x78)
            #expect(try inflated(stream, by: deflate) == bytes)
        }
    }

    @Test func higherLevelsAreNotLonger() throws {
        let deflate = Deflate()
        let bytes = text(100_000)
        let sizes = try [1, 6, 8].map { try #require(compressed(bytes, level: $0, by: deflate)).count }
        #expect(sizes == sizes.sorted(by: >))
        #expect(compressed(bytes, level: -1, by: deflate) == compressed(bytes, level: 6, by: deflate))
    }

    @Test func levelZeroCompressesNothing() {
        #expect(compressed(text(1000), level: 0, by: Deflate()) == nil)
    }

    @Test func whatDoesNotShrinkIsNotCompressed() {
        let deflate = Deflate()
        #expect(compressed([], by: deflate) == nil)
        #expect(compressed([1], by: deflate) == nil)
        #expect(compressed([1, 1, 1, 1, 1, 1, 1, 1], by: deflate) == nil)
        for count in [10, 1000, 64 << 10] { #expect(compressed(random(count), by: deflate) == nil) }
    }

    /// The bound is exact: a stream one byte shorter than the value is used, one of equal length is not.
    @Test func oneByteLessIsEnough() throws {
        let deflate = Deflate()
        var savings: Set<Int> = []
        for prefix in 80..<160 {
            for run in 0..<40 {
                let bytes = random(prefix) + [UInt8](repeating: 7, count: run)
                guard let stream = compressed(bytes, by: deflate) else { continue }
                savings.insert(bytes.count - stream.count)
                #expect(try inflated(stream, by: deflate) == bytes)
            }
        }
        #expect(savings.min() == 1)
        #expect(savings.isSuperset(of: 1...10))
    }

    @Test func lentStreamsAreThoseThatAreReturned() throws {
        let deflate = Deflate()
        let bytes = text(2000)
        let lent = bytes.withRawSpan { span in deflate.withCompressed(span, level: 6) { copy($0) } }
        #expect(lent == compressed(bytes, by: deflate))
        let refused = random(100).withRawSpan { span in deflate.withCompressed(span, level: 6) { $0 == nil } }
        #expect(refused)
    }

    @Test func aBorrowerMayCompressToo() throws {
        let deflate = Deflate()
        let outer = text(3000)
        let inner = [UInt8](repeating: 1, count: 5000)
        let lent = outer.withRawSpan { span in
            deflate.withCompressed(span, level: 6) { stream in
                _ = compressed(inner, by: deflate)
                return copy(stream)
            }
        }
        #expect(try inflated(#require(lent), by: deflate) == outer)
    }
}

/// Inflating values, ours and others'.
@Suite("Inflating")
struct DeflateInflatingTests {
    /// Made by Python's zlib of `b"pylibmc " * 20`: levels 1, 6, 9 and 0, a window of 512 bytes, a flush inside.
    static let pythonStreams = [
        "78012ba8ccc94cca4d562818a434005eb13d41",
        "789c2ba8ccc94cca4d562818a434005eb13d41",
        "78da2ba8ccc94cca4d562818a434005eb13d41",
        "780101a0005fff" + String(repeating: "70796c69626d6320", count: 20) + "5eb13d41",
        "18952ba8ccc94cca4d562818a434005eb13d41",
        "789c2aa8ccc94cca4d5628a0120d000000ffff2ba8ccc94cca4d5628a0120d005eb13d41",
    ]
    static let pythonText = Array(String(repeating: "pylibmc ", count: 20).utf8)

    @Test(arguments: pythonStreams)
    func streamsOfPythonAreRead(_ stream: String) throws {
        #expect(try inflated(hex(stream)) == Self.pythonText)
    }

    @Test(arguments: ["789c030000000001", "7801010000ffff00000001"])
    func anEmptyValueIsRead(_ stream: String) throws {
        #expect(try inflated(hex(stream)).isEmpty)
        #expect(try inflated(hex(stream), limit: 0).isEmpty)
    }

    @Test func ourOwnStreamsAreThoseThatPythonReads() throws {
        // The stream's header and its checksum, which Python compares.
        let stream = try #require(compressed(Self.pythonText))
        #expect(Array(stream.prefix(2)) == [0x78, 0x9C])
        #expect(Array(stream.suffix(4)) == [0x5E, 0xB1, 0x3D, 0x41])
    }

    @Test(arguments: pythonStreams)
    func everyTruncationIsCorrupt(_ stream: String) {
        let bytes = hex(stream)
        for count in 0..<bytes.count {
            #expect(throws: Deflate.InflateError.corrupt) { try inflated(Array(bytes.prefix(count))) }
        }
    }

    @Test(arguments: pythonStreams)
    func trailingBytesAreCorrupt(_ stream: String) {
        #expect(throws: Deflate.InflateError.corrupt) { try inflated(hex(stream + "00")) }
        #expect(throws: Deflate.InflateError.corrupt) { try inflated(hex(stream + stream)) }
    }

    @Test func changedBytesAreCorruptOrTheSame() throws {
        let bytes = hex(Self.pythonStreams[1])
        for index in bytes.indices {
            for bit in 0..<8 {
                var changed = bytes
                changed[index] ^= 1 << bit
                do throws(Deflate.InflateError) {
                    // A few bits of the header are only the writer's note of its level.
                    #expect(try inflated(changed) == Self.pythonText)
                } catch {
                    #expect(error == .corrupt)
                }
            }
        }
    }

    @Test(
        arguments: [
            "", "00", "706c61696e2074657874",  // nothing, not enough, plain text
            "1f8b08000000000000032ba8ccc94cca4d562818a434000017409ba0000000",  // gzip
            "2ba8ccc94cca4d562818a43400",  // DEFLATE without header and checksum
            "78bb0c1002f12b80500a839506005eb13d41",  // needs a dictionary
            "b80b0000789c030000000001",  // php-memcached's length before the stream
        ]
    )
    func otherFormatsAreCorrupt(_ stream: String) {
        #expect(throws: Deflate.InflateError.corrupt) { try inflated(hex(stream)) }
    }

    @Test func theLimitIsExact() throws {
        let deflate = Deflate()
        for count in [1, 100, 4095, 4096, 4097, 100_000] {
            let bytes = [UInt8](repeating: 65, count: count)
            let stream = try compressed(bytes, by: deflate) ?? storedStream(bytes)
            #expect(try inflated(stream, limit: count, by: deflate) == bytes)
            #expect(throws: Deflate.InflateError.tooLarge) { try inflated(stream, limit: count - 1, by: deflate) }
            #expect(throws: Deflate.InflateError.tooLarge) { try inflated(stream, limit: 0, by: deflate) }
        }
    }

    @Test func aBombIsRefused() throws {
        let deflate = Deflate()
        let bomb = try #require(compressed([UInt8](repeating: 0, count: 32 << 20), by: deflate))
        #expect(bomb.count < 40_000)
        #expect(throws: Deflate.InflateError.tooLarge) { try inflated(bomb, limit: 1 << 20, by: deflate) }
        #expect(try inflated(bomb, limit: 32 << 20, by: deflate).count == 32 << 20)
    }

    @Test func noMoreMemoryIsTakenThanAStreamCanFill() throws {
        let stream = try #require(compressed([UInt8](repeating: 0, count: 1 << 20)))
        let fresh = Deflate()
        let block = try stream.withRawSpan { span throws(Deflate.InflateError) in
            try fresh.inflate(span, limit: 64 << 20)
        }
        #expect(block.capacity <= stream.count * 1032)
    }

    @Test func largeBlocksAreNotKept() throws {
        let deflate = Deflate()
        func capacity(afterInflating count: Int) throws -> Int {
            let stream = try #require(compressed([UInt8](repeating: 0, count: count), by: deflate))
            _ = try inflated(stream, by: deflate)
            let small = hex(Self.pythonStreams[0])
            let block = try small.withRawSpan { span throws(Deflate.InflateError) in
                try deflate.inflate(span, limit: 64 << 20)
            }
            let capacity = block.capacity
            deflate.recycle(block)
            return capacity
        }
        #expect(try capacity(afterInflating: 1 << 20) >= 1 << 20)
        #expect(try capacity(afterInflating: 16 << 20) <= Deflate.largestSpare)
    }

    @Test func aBlockCanBeTakenOver() throws {
        let stream = hex(Self.pythonStreams[0])
        let deflate = Deflate()
        let block = try stream.withRawSpan { span throws(Deflate.InflateError) in
            try deflate.inflate(span, limit: 1000)
        }
        let parts = unsafe block.release()
        defer { unsafe free(parts.start) }
        let copy = unsafe Array(UnsafeRawBufferPointer(start: parts.start, count: parts.count))
        #expect(copy == Self.pythonText)
    }

    @Test func randomBytesNeverInflateToNonsense() {
        let deflate = Deflate()
        for count in 0..<500 {
            #expect(throws: Deflate.InflateError.self) { try inflated([0x78, 0x9C] + random(count), by: deflate) }
        }
    }
}

// MARK: - Helpers

private func compressed(_ bytes: [UInt8], level: Int = 6, by deflate: Deflate = Deflate()) -> [UInt8]? {
    bytes.withRawSpan { span in
        guard let block = deflate.compress(span, level: level) else { return nil }
        let copy = block.withRawSpan { Array(copying: $0) }
        deflate.recycle(block)
        return copy
    }
}

private func inflated(
    _ stream: [UInt8],
    limit: Int = 64 << 20,
    by deflate: Deflate = Deflate()
) throws(Deflate.InflateError) -> [UInt8] {
    try stream.withRawSpan { span throws(Deflate.InflateError) in
        let block = try deflate.inflate(span, limit: limit)
        let copy = block.withRawSpan { Array(copying: $0) }
        deflate.recycle(block)
        return copy
    }
}

private func copy(_ span: RawSpan?) -> [UInt8]? {
    if let span { Array(copying: span) } else { nil }
}

/// A zlib stream of one uncompressed block.
private func storedStream(_ bytes: [UInt8]) throws -> [UInt8] {
    let length = try #require(UInt16(exactly: bytes.count))
    var (low, high): (UInt32, UInt32) = (1, 0)
    for byte in bytes {
        low = (low + UInt32(byte)) % 65521
        high = (high + low) % 65521
    }
    func bigEndian(_ word: UInt16) -> [UInt8] { [UInt8(word >> 8), UInt8(word & 255)] }
    return [0x78, 0x01, 0x01] + bigEndian(length.byteSwapped) + bigEndian(~length.byteSwapped) + bytes
        + bigEndian(UInt16(high)) + bigEndian(UInt16(low))
}

/// Text that shrinks to about a fifth, as JSON does.
private func text(_ count: Int) -> [UInt8] {
    var bytes: [UInt8] = []
    var line = 0
    while bytes.count < count {
        bytes += #"{"id":\#(line),"name":"user\#(line % 97)","score":\#(line * line % 1013)},"#.utf8
        line += 1
    }
    return Array(bytes.prefix(count))
}

/// Bytes that don't shrink, the same in every run.
private func random(_ count: Int) -> [UInt8] {
    var state = UInt64(count) &* 0x9E37_79B9_7F4A_7C15 | 1
    return (0..<count).map { _ in
        state ^= state << 13
        state ^= state >> 7
        state ^= state << 17
        return UInt8(truncatingIfNeeded: state >> 32)
    }
}

private func hex(_ text: String) -> [UInt8] {
    let digits = text.utf8.map { $0 < 58 ? $0 - 48 : $0 - 87 }
    return stride(from: 0, to: digits.count, by: 2).map { digits[$0] << 4 | digits[$0 + 1] }
}
