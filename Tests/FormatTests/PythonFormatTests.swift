import Foundation
import Testing

@testable import SwiftLibMC

/// Values of Python's clients, and ours for them.
@Suite("Format: Python's")
struct PythonFormatTests {
    static let formats: [ValueFormat] = [.pylibmc, .pythonMemcached, .pymemcache, .bmemcached]

    @Test(arguments: formats)
    func textAndBytesAreToldApart(format: ValueFormat) throws {
        let python = try RecordedValues(format)
        #expect(try python.read("text") == "Grüße 🐟")
        #expect(try python.read("empty") == "")
        #expect(try python.read("bytes") == [UInt8]([0, 255, 13, 10]))
        #expect(try format.encode("Grüße 🐟") == python.payload("text"))
        #expect(try format.encode("") == python.payload("empty"))
        #expect(try format.encode(Data([0, 255, 13, 10])) == python.payload("bytes"))
    }

    @Test(arguments: formats, [0, 42, -5])
    func integers(format: ValueFormat, number: Int) throws {
        let python = try RecordedValues(format)
        #expect(try python.read("int_\(number)") == number)
        #expect(try format.encode(number) == python.payload("int_\(number)"))
        #expect(try format.encode(Optional(Int8(number))) == python.payload("int_\(number)"))
    }

    @Test(arguments: formats)
    func longIntegers(format: ValueFormat) throws {
        let python = try RecordedValues(format)
        #expect(try python.read("int_long") == Int128(1) << 70)
        #expect(try format.encode(Int128(1) << 70) == python.payload("int_long"))
    }

    /// Flag 4 is how clients of Python 2 marked long ones.
    @Test(arguments: formats)
    func bothFlagsOfIntegersAreRead(format: ValueFormat) throws {
        for flags in [2, 4] as [UInt32] {
            let item = Item(key: [107], bytes: [0x37], flags: Flags(rawValue: flags), cas: CAS(rawValue: 1))
            #expect(try item.decode(as: Int.self, format: format) == 7)
        }
    }

    @Test(arguments: formats)
    func booleansAreIntegers(format: ValueFormat) throws {
        #expect(try format.encode(true) == Payload(bytes: [0x31], flags: .integer))
        #expect(try format.encode(false) == Payload(bytes: [0x30], flags: .integer))
    }

    @Test(arguments: formats)
    func compressedValuesAreInflated(format: ValueFormat) throws {
        let python = try RecordedValues(format)
        #expect(try python.read("zlib") == Long.lines)
        #expect(try python.read("zlib_bytes") == Data(Long.lines.utf8))
    }

    @Test(arguments: formats, ["list", "none", "float"])
    func picklesAreNeverDecoded(format: ValueFormat, name: String) throws {
        let python = try RecordedValues(format)
        let refusal = try #require(try python.refusal(name, as: String.self))
        if format != .pylibmc {
            #expect(refusal.hasSuffix("it is a Python pickle, which is never decoded, except as bytes"))
        }
        #expect(try python.read(name, as: [UInt8].self) == python.payload(name).bytes)
    }

    /// pylibmc has a flag of its own for them, the others write a pickle.
    @Test func pylibmcsBooleansAreRead() throws {
        #expect(try RecordedValues(.pylibmc).read("true") == true)
        #expect(try ValueFormat.pylibmc.encode(true) == RecordedValues(.pylibmc).payload("true"))
    }

    @Test(arguments: formats)
    func structuresAreJSON(format: ValueFormat) throws {
        let payload = try format.encode(Point(x: 1, name: "a"))
        #expect(payload.flags == (format == .pythonMemcached ? .text : .json))
        let item = Item(key: [107], bytes: payload.bytes, flags: payload.flags, cas: CAS(rawValue: 1))
        #expect(try item.decode(as: Point.self, format: format) == Point(x: 1, name: "a"))
    }

    @Test(arguments: [ValueFormat.pymemcache, .bmemcached])
    func nothingIsNullWhereJSONHasAFlag(format: ValueFormat) throws {
        let payload = try format.encode(String?.none)
        let item = Item(key: [107], bytes: payload.bytes, flags: payload.flags, cas: CAS(rawValue: 1))
        #expect(try item.decode(as: String?.self, format: format) == nil)
        #expect(try item.decode(as: Int?.self, format: format) == nil)
    }

    @Test func nothingHasNoFormWhereJSONIsText() {
        #expect(throws: ForeignValueError.self) { try ValueFormat.pythonMemcached.encode(Int?.none) }
        #expect(throws: ForeignValueError.self) { try ValueFormat.raw.encode(Int?.none) }
    }

    @Test(arguments: formats)
    func flagsOfOthersAreRefused(format: ValueFormat) {
        let item = Item(key: [107], bytes: [0x37], flags: Flags(rawValue: 0x300), cas: CAS(rawValue: 1))
        #expect(throws: MemcachedError.self) { try item.decode(as: Int.self, format: format) }
    }
}

/// Values without flags.
@Suite("Format: raw")
struct RawFormatTests {
    @Test func everythingIsReadAsWhatIsAskedFor() throws {
        let recorded = try RecordedValues(.raw)
        #expect(try recorded.read("text") == "text")
        #expect(try recorded.read("empty") == "")
        #expect(try recorded.read("bytes") == [UInt8]([0, 255, 13, 10]))
        #expect(try recorded.read("int_-5") == -5)
        #expect(try recorded.read("int_long") == Int128(1) << 70)
        #expect(try recorded.read("float") == 1.5)
        #expect(try recorded.refusal("none", as: Int.self) != nil)
    }

    @Test(arguments: [0, 1, 2, 8, 16, 48, 65536, UInt32.max])
    func flagsMeanNothing(flags: UInt32) throws {
        let item = Item(key: [107], bytes: Array("42".utf8), flags: Flags(rawValue: flags), cas: CAS(rawValue: 1))
        #expect(try item.decode(as: Int.self, format: .raw) == 42)
        #expect(try item.decode(as: String.self, format: .raw) == "42")
    }

    @Test func nothingGetsAFlag() throws {
        #expect(try ValueFormat.raw.encode("é") == Payload(bytes: [0xC3, 0xA9], flags: .bytes))
        #expect(try ValueFormat.raw.encode(42) == Payload(bytes: Array("42".utf8), flags: .bytes))
        #expect(try ValueFormat.raw.encode(true) == Payload(bytes: Array("1".utf8), flags: .bytes))
        #expect(try ValueFormat.raw.encode(1.5) == Payload(bytes: Array("1.5".utf8), flags: .bytes))
        #expect(try ValueFormat.raw.encode([1]) == Payload(bytes: Array("[1]".utf8), flags: .bytes))
    }
}
