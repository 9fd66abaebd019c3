import Foundation
import Testing

@testable import SwiftLibMC

/// Values of Java's spymemcached, and ours for it.
@Suite("Format: spymemcached")
struct SpyFormatTests {
    let recorded = try? RecordedValues(.spymemcached)

    private func java() throws -> RecordedValues { try #require(recorded) }

    @Test func textAndBytes() throws {
        #expect(try java().read("text") == "Grüße 🐟")
        #expect(try java().read("empty") == "")
        #expect(try java().read("bytes") == [UInt8]([0, 255, 13, 10]))
        for (name, value) in [("text", "Grüße 🐟"), ("empty", "")] {
            #expect(try ValueFormat.spymemcached.encode(value) == java().payload(name))
        }
        #expect(try ValueFormat.spymemcached.encode(Data([0, 255, 13, 10])) == java().payload("bytes"))
    }

    @Test(arguments: [0, 42, -5, 255, 256, Int32.max, Int32.min])
    func integersOf32Bits(number: Int32) throws {
        let name = "int_\(number == .max ? "max" : number == .min ? "min" : "\(number)")"
        #expect(try java().read(name) == number)
        #expect(try java().read(name) == Int(number))
        #expect(try ValueFormat.spymemcached.encode(number) == java().payload(name))
        if let short = Int16(exactly: number) {
            #expect(try java().read(name) == short)
            #expect(try ValueFormat.spymemcached.encode(short) == java().payload(name))
        }
    }

    @Test(arguments: [0, 42, -5, 1 << 40, -(1 << 40), Int.max, Int.min])
    func integersOf64Bits(number: Int) throws {
        let name = "long_\(number == .max ? "max" : number == .min ? "min" : "\(number)")"
        #expect(try java().read(name) == number)
        #expect(try java().read(name) == Optional(Int64(number)))
        #expect(try ValueFormat.spymemcached.encode(number) == java().payload(name))
        #expect(try ValueFormat.spymemcached.encode(Optional(number)) == java().payload(name))
        if let positive = UInt64(exactly: number) {
            #expect(try ValueFormat.spymemcached.encode(positive) == java().payload(name))
        }
    }

    @Test(arguments: [0, 7, -1] as [Int8])
    func integersOf8Bits(number: Int8) throws {
        #expect(try java().read("byte_\(number)") == number)
        #expect(try java().read("byte_\(number)") == Int(number))
        #expect(try ValueFormat.spymemcached.encode(number) == java().payload("byte_\(number)"))
    }

    @Test func integersThatDoNotFitAreRefused() throws {
        #expect(throws: ForeignValueError.self) { try ValueFormat.spymemcached.encode(UInt64.max) }
        #expect(try java().refusal("long_max", as: Int32.self)?.hasSuffix("out of the type's range") == true)
        #expect(try java().refusal("int_-5", as: UInt8.self)?.hasSuffix("out of the type's range") == true)
    }

    @Test func booleans() throws {
        #expect(try java().read("true") == true)
        #expect(try java().read("false") == false)
        #expect(try ValueFormat.spymemcached.encode(true) == java().payload("true"))
        #expect(try ValueFormat.spymemcached.encode(false) == java().payload("false"))
    }

    @Test(arguments: [("0.0", 0), ("1.5", 1.5), ("-0.25", -0.25), ("1.0E300", 1e300), ("inf", Double.infinity)])
    func doubles(name: String, number: Double) throws {
        #expect(try java().read("double_\(name)") == number)
        #expect(try java().read("double_\(name)") == Optional(number))
        #expect(try ValueFormat.spymemcached.encode(number) == java().payload("double_\(name)"))
    }

    @Test(arguments: [("0.0", 0), ("1.5", 1.5), ("-0.25", Float(-0.25))])
    func floats(name: String, number: Float) throws {
        #expect(try java().read("float_\(name)") == number)
        #expect(try java().read("float_\(name)") == Double(number))
        #expect(try ValueFormat.spymemcached.encode(number) == java().payload("float_\(name)"))
    }

    @Test func oddFloats() throws {
        #expect(try java().read("double_nan", as: Double.self).isNaN)
        #expect(try ValueFormat.spymemcached.encode(Double.nan) == java().payload("double_nan"))
        #expect(try java().read("double_inf", as: Float.self) == .infinity)
        #expect(try java().refusal("double_1.0E300", as: Float.self) != nil)
        #expect(try java().read("double_1.5") == "1.5")
        #expect(try java().refusal("double_1.5", as: Int.self) != nil)
        #expect(try java().refusal("double_nan", as: String.self) == nil)
    }

    @Test(arguments: [("date_0", 0), ("date", 1_700_000_000.123), ("date_early", -1.5)])
    func dates(name: String, seconds: Double) throws {
        let date = Date(timeIntervalSince1970: seconds)
        #expect(try abs(java().read(name, as: Date.self).timeIntervalSince(date)) < 0.0001)
        #expect(try java().read(name, as: Date?.self) != nil)
        #expect(try ValueFormat.spymemcached.encode(date) == java().payload(name))
        #expect(try java().refusal(name, as: Double.self)?.hasSuffix("it is a date") == true)
    }

    @Test func gzipIsInflated() throws {
        #expect(try java().read("gzip") == Long.moreLines)
        #expect(try java().read("gzip_bytes") == Array(Long.moreLines.utf8))
    }

    @Test func countersAreText() throws {
        #expect(try java().read("counter") == 9)
    }

    @Test func objectsAreNeverDecoded() throws {
        let refusal = try java().refusal("list", as: [Int].self)
        #expect(refusal?.hasSuffix("it is a serialized Java object, which is never decoded, except as bytes") == true)
        #expect(try java().read("list", as: Data.self).prefix(2) == Data([0xAC, 0xED]))
    }

    @Test func structuresAreTextOfJSON() throws {
        let payload = try ValueFormat.spymemcached.encode(Point(x: 1, name: "a"))
        #expect(payload.flags == .bytes)
        #expect(try item(payload).decode(as: Point.self, format: .spymemcached) == Point(x: 1, name: "a"))
    }

    @Test func nothingHasNoForm() {
        #expect(throws: ForeignValueError.self) { try ValueFormat.spymemcached.encode(Int?.none) }
    }

    @Test(arguments: [(0x200, 5), (0x500, 2), (0x600, 5), (0x300, 9), (0x400, 9)] as [(UInt32, Int)])
    func numbersOfTooManyBytesAreCorrupt(flags: UInt32, count: Int) {
        let payload = Payload(bytes: [UInt8](repeating: 1, count: count), flags: Flags(rawValue: flags))
        let error = #expect(throws: MemcachedError.self) {
            try item(payload).decode(as: Int.self, format: .spymemcached)
        }
        #expect(error?.detail.contains("a number has \(count) bytes") == true)
    }

    @Test func unknownTypesAreRefused() {
        let payload = Payload(bytes: [65], flags: Flags(rawValue: 0x900))
        #expect(throws: MemcachedError.self) { try item(payload).decode(as: String.self, format: .spymemcached) }
    }

    private func item(_ payload: Payload) -> Item {
        Item(key: [107], bytes: payload.bytes, flags: payload.flags, cas: CAS(rawValue: 1))
    }
}
