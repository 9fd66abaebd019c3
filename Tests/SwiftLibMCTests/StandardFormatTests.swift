import Foundation
import Testing

@testable import SwiftLibMC

/// What is stored, and with which flags.
@Suite("Standard format: writing")
struct StandardFormatWritingTests {
    @Test func bytesAreStoredAsTheyAre() throws {
        let bytes: [UInt8] = [0, 255, 10, 13, 128]
        #expect(try StandardFormat.encode(bytes) == Payload(bytes: bytes, flags: .bytes))
        #expect(try StandardFormat.encode(Data(bytes)) == Payload(bytes: bytes, flags: .bytes))
        #expect(try StandardFormat.encode([UInt8]()) == Payload(bytes: [], flags: .bytes))
    }

    @Test(arguments: ["", "a", "fifteen letters", "schön 🐟", "a\0b", "é"], [1, 5000])
    func textIsStoredAsUTF8(_ part: String, count: Int) throws {
        let text = String(repeating: part, count: count)
        #expect(try StandardFormat.encode(text) == Payload(bytes: Array(text.utf8), flags: Flags(rawValue: 16)))
    }

    @Test func bridgedPartsOfTextAreStoredInFull() throws {
        let part = String("0123456789 a longer text than fits in place".dropFirst(10))
        #expect(try StandardFormat.encode(part).bytes == Array(" a longer text than fits in place".utf8))
    }

    @Test func booleansAreDigitsWithFlagTwo() throws {
        #expect(try stored(true) == Stored("1", 2))
        #expect(try stored(false) == Stored("0", 2))
    }

    @Test func everyIntegerTypeIsDecimalTextWithFlagFour() throws {
        #expect(try stored(0) == Stored("0", 4))
        #expect(try stored(-10) == Stored("-10", 4))
        #expect(try stored(Int.min) == Stored("-9223372036854775808", 4))
        #expect(try stored(UInt64.max) == Stored("18446744073709551615", 4))
        #expect(try stored(Int8.min) == Stored("-128", 4))
        #expect(try stored(UInt8.max) == Stored("255", 4))
        #expect(try stored(Int16.min) == Stored("-32768", 4))
        #expect(try stored(UInt16.max) == Stored("65535", 4))
        #expect(try stored(Int32.min) == Stored("-2147483648", 4))
        #expect(try stored(UInt32.max) == Stored("4294967295", 4))
        #expect(try stored(Int64.max) == Stored("9223372036854775807", 4))
        #expect(try stored(UInt(7)) == Stored("7", 4))
        #expect(try stored(Int128.min) == Stored("-170141183460469231731687303715884105728", 4))
        #expect(try stored(UInt128.max) == Stored("340282366920938463463374607431768211455", 4))
    }

    @Test func everythingElseIsJSON() throws {
        #expect(try stored(3.5) == Stored("3.5", 65536))
        #expect(try stored(Float(0.25)) == Stored("0.25", 65536))
        #expect(try stored([1, 2]) == Stored("[1,2]", 65536))
        #expect(try stored(["a": true]) == Stored(#"{"a":true}"#, 65536))
        #expect(try stored(Colour.red) == Stored(#""red""#, 65536))
        #expect(try stored(Point(x: 1, y: nil)) == Stored(#"{"x":1}"#, 65536))
        #expect(try stored(["http://a/b"]) == Stored(#"["http://a/b"]"#, 65536))
    }

    @Test func floatsAreWrittenAsInsideOfOtherValues() throws {
        func compare<F: BinaryFloatingPoint & Encodable>(_ number: F) throws {
            let inside = try JSONEncoder().encode([number]).dropFirst().dropLast()
            #expect(try stored(number) == Stored(String(decoding: inside, as: UTF8.self), 65536))
        }
        for number in [0, -0.0, 1, -5, 1e15, 1e16, 1e300, 1e-5, .pi, .leastNonzeroMagnitude] { try compare(number) }
        for number in [0, -0.0, 16_777_216, 0.1, .greatestFiniteMagnitude] as [Float] { try compare(number) }
    }

    @Test func optionalsAreStoredAsWhatTheyHold() throws {
        #expect(try stored(Optional("text")) == Stored("text", 16))
        #expect(try stored(Optional(5)) == Stored("5", 4))
        #expect(try stored(Optional(Optional(true))) == Stored("1", 2))
        #expect(try stored([UInt8]?([65])) == Stored("A", 0))
        #expect(try stored(Optional(Data([66]))) == Stored("B", 0))
        #expect(try stored(Optional(2.5)) == Stored("2.5", 65536))
        #expect(try stored(Optional(Point(x: 1, y: 2))).flags == 65536)
    }

    @Test func nilIsStoredAsNull() throws {
        #expect(try stored(Int?.none) == Stored("null", 65536))
        #expect(try stored(String?.none) == Stored("null", 65536))
        #expect(try stored(Point?.none) == Stored("null", 65536))
        #expect(try stored(Int??.some(.none)) == Stored("null", 65536))
    }

    @Test func existentialsAreStoredAsTheirOwnType() throws {
        let values: [any Encodable] = ["a", 1, true, [UInt8](), 1.5]
        let flags = try values.map { try StandardFormat.encode($0).flags.rawValue }
        #expect(flags == [16, 4, 2, 0, 65536])
    }

    @Test(arguments: [Double.nan, .infinity, -.infinity])
    func numbersWithoutAJSONFormAreRefused(_ number: Double) {
        let refusal = #expect(throws: ValueFormatError.self) { try StandardFormat.encode(number) }
        #expect(refusal?.description == "can't store a value of type Double: JSON has no infinity and no NaN")
        let nested = #expect(throws: ValueFormatError.self) { try StandardFormat.encode(["secret": [1, number]]) }
        #expect(nested?.description.contains("JSON has no infinity and no NaN at […][1]") == true)
        #expect(nested?.description.contains("secret") == false)
    }

    @Test func errorsOfAValueGoThrough() {
        #expect(throws: Rebel.Refusal.self) { try StandardFormat.encode(Rebel()) }
    }
}

/// What comes back out of what was put in.
@Suite("Standard format: round trips")
struct StandardFormatRoundTripTests {
    @Test func nativeTypesComeBack() throws {
        try check([UInt8]())
        try check([UInt8](0...255))
        try check(Data(0...255))
        try check("")
        try check("schön 🐟\0")
        try check(true)
        try check(false)
    }

    @Test func integersComeBackAtTheirEnds() throws {
        func ends<I: FixedWidthInteger & Codable>(of type: I.Type) throws {
            for value in [I.min, I.max, 0, 1, 9, 10, 99, 100] { try check(value) }
        }
        try ends(of: Int.self)
        try ends(of: Int8.self)
        try ends(of: Int16.self)
        try ends(of: Int32.self)
        try ends(of: Int64.self)
        try ends(of: Int128.self)
        try ends(of: UInt.self)
        try ends(of: UInt8.self)
        try ends(of: UInt16.self)
        try ends(of: UInt32.self)
        try ends(of: UInt64.self)
        try ends(of: UInt128.self)
    }

    @Test func floatsComeBackExactly() throws {
        for value in [0, -0.0, 1, 0.1, 1e300, .leastNonzeroMagnitude, .pi, -1.5e-7, .greatestFiniteMagnitude] {
            try check(value)
        }
        for value in [Float(0.1), 16_777_216, .greatestFiniteMagnitude, .leastNonzeroMagnitude] { try check(value) }
        for _ in 0..<200 {
            let number = Double(bitPattern: .random(in: 0..<0x7FF0_0000_0000_0000))
            try check(number)
        }
    }

    @Test func structuredValuesComeBack() throws {
        try check(Point(x: 1, y: 2))
        try check(Colour.blue)
        try check([Point(x: 1, y: nil)])
        try check(["k": [1.5, 2]])
        try check([1, 2, 3])
        try check(Date(timeIntervalSinceReferenceDate: 123.456))
        try check(Decimal(string: "1.23456789012345678901")!)
        try check(UUID())
        try check(URL(string: "https://example.org/a?b=c")!)
    }

    @Test func optionalsComeBack() throws {
        try check(Int?.some(5))
        try check(Int?.none)
        try check(String?.some("null"))
        try check(String?.none)
        try check([UInt8]?.some([1]))
        try check([UInt8]?.none)
        try check(Bool?.some(false))
        try check(Double?.some(1.5))
        try check(Double?.none)
        try check(Point?.some(Point(x: 3, y: nil)))
        try check(Point?.none)
        try check(Int??.some(.some(7)))
        try check([Int?]([1, nil]))
    }

    @Test func optionalAndPlainTypesReadEachOther() throws {
        let some = try StandardFormat.encode(Int?.some(5))
        #expect(try decode(some, as: Int.self) == 5)
        #expect(try decode(StandardFormat.encode(6), as: Int?.self) == 6)
        #expect(try decode(StandardFormat.encode("t"), as: String??.self) == "t")
        #expect(throws: ValueFormatError.self) { try decode(StandardFormat.encode(Int?.none), as: Int.self) }
        #expect(throws: ValueFormatError.self) { try decode(StandardFormat.encode(Int?.none), as: String.self) }
    }
}

// MARK: - Helpers

private func check<V: Codable & Equatable>(_ value: V, _ location: SourceLocation = #_sourceLocation) throws {
    let back = try decode(StandardFormat.encode(value), as: V.self)
    #expect(back == value, sourceLocation: location)
}

private func decode<V: Decodable>(_ payload: Payload, as type: V.Type) throws -> V {
    try payload.bytes.withRawSpan { try StandardFormat.decode($0, flags: payload.flags, as: type) }
}

private func stored<V: Encodable>(_ value: V) throws -> Stored {
    let payload = try StandardFormat.encode(value)
    return Stored(String(decoding: payload.bytes, as: UTF8.self), payload.flags.rawValue)
}

private struct Stored: Equatable {
    let text: String
    let flags: UInt32

    init(_ text: String, _ flags: UInt32) {
        self.text = text
        self.flags = flags
    }
}

private struct Point: Codable, Equatable {
    var x: Int
    var y: Int?
}

private enum Colour: String, Codable { case red, blue }

private struct Rebel: Encodable {
    struct Refusal: Error {}

    func encode(to encoder: any Encoder) throws { throw Refusal() }
}
