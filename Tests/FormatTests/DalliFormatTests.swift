import Foundation
import Testing

@testable import SwiftLibMC

/// Values of Ruby's dalli, and ours for it.
@Suite("Format: dalli")
struct DalliFormatTests {
    let recorded = try? RecordedValues(.dalli)

    private func ruby() throws -> RecordedValues { try #require(recorded) }

    @Test func rawValuesAreRead() throws {
        #expect(try ruby().read("raw_text") == "Grüße 🐟")
        #expect(try ruby().read("raw_bytes") == Data([0, 255, 13, 10]))
        #expect(try ruby().read("raw_int_42") == 42)
        #expect(try ruby().read("raw_double_1.5") == 1.5)
        #expect(try ruby().read("raw_nil") == "")
        #expect(try ruby().read("counter") == 9)
    }

    @Test func rawValuesAreWrittenTheSame() throws {
        #expect(try ValueFormat.dalli.encode("Grüße 🐟") == ruby().payload("raw_text"))
        #expect(try ValueFormat.dalli.encode([0, 255, 13, 10] as [UInt8]) == ruby().payload("raw_bytes"))
        #expect(try ValueFormat.dalli.encode(42) == ruby().payload("raw_int_42"))
        #expect(try ValueFormat.dalli.encode(1.5) == ruby().payload("raw_double_1.5"))
    }

    @Test func bothCompressionsAreRead() throws {
        #expect(try ruby().read("raw_zlib") == Long.lines)
        #expect(try ruby().read("raw_gzip") == Long.lines)
    }

    /// The flag of dalli 5.0.4 and later, for strings in UTF-8.
    @Test(arguments: [ValueFormat.dalli, .dalli(.fastPath)])
    func theFastPathIsRead(format: ValueFormat) throws {
        let item = Item(key: [107], bytes: Array("ü".utf8), flags: Flags(rawValue: 4), cas: CAS(rawValue: 1))
        #expect(try item.decode(as: String.self, format: format) == "ü")
    }

    /// The same flag with that of compression.
    @Test func theCompressedFastPathIsRead() throws {
        let bytes = try ruby().payload("raw_zlib").bytes
        let item = Item(key: [107], bytes: bytes, flags: Flags(rawValue: 4 | 2), cas: CAS(rawValue: 1))
        for format in [ValueFormat.dalli, .dalli(.fastPath)] {
            #expect(try item.decode(as: String.self, format: format) == Long.lines)
        }
    }

    @Test func theFastPathIsWrittenWhereAskedFor() throws {
        #expect(try ValueFormat.dalli(.fastPath).encode("ü").flags == Flags(rawValue: 4))
        #expect(try ValueFormat.dalli(.fastPath).encode(Point(x: 1)).flags == Flags(rawValue: 4))
        #expect(try ValueFormat.dalli(.fastPath).encode(5).flags == .bytes)
        #expect(try ValueFormat.dalli.encode("ü").flags == .bytes)
    }

    @Test(arguments: ["text", "bytes", "int_42", "nil", "double_1.5", "zlib"])
    func objectsAreNeverDecoded(name: String) throws {
        let refusal = try ruby().refusal(name, as: String.self)
        #expect(
            refusal?.hasSuffix("it is an object of Ruby's Marshal, which is never decoded, except as bytes") == true
        )
        #expect(try ruby().read(name, as: [UInt8].self).prefix(2) == [4, 8])
    }

    @Test func nothingHasNoForm() {
        #expect(throws: ForeignValueError.self) { try ValueFormat.dalli.encode(String?.none) }
    }
}
