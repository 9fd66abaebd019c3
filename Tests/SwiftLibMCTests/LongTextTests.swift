import Testing

@testable import SwiftLibMC

/// Text so long that it is first looked through for anything but ASCII.
@Suite struct LongTextTests {
    private static let lengths = [1023, 1024, 1025, 1279, 1280, 5000]

    private func read(_ bytes: [UInt8]) -> String? { bytes.withRawSpan { String(validating: $0) } }

    @Test(arguments: lengths) func asciiIsTakenAsItIs(length: Int) {
        let bytes = (0..<length).map { UInt8($0 % 128) }
        #expect(read(bytes) == String(decoding: bytes, as: UTF8.self))
    }

    @Test(arguments: lengths) func oneOtherCharacterAnywhereIsSeen(length: Int) {
        for position in [0, 1, 15, 16, 255, 256, length / 2, length - 3, length - 2] {
            var bytes = [UInt8](repeating: 0x61, count: length)
            bytes.replaceSubrange(position..<position + 2, with: "é".utf8)
            #expect(read(bytes) == String(decoding: bytes, as: UTF8.self))
            #expect(read(bytes)?.unicodeScalars.count == length - 1)
        }
    }

    @Test(arguments: lengths) func oneByteThatIsNotUTF8IsSeen(length: Int) {
        for position in [0, 1, 15, 16, 255, 256, length / 2, length - 2, length - 1] {
            var bytes = [UInt8](repeating: 0x61, count: length)
            bytes[position] = 0x80
            #expect(read(bytes) == nil)
        }
    }
}
