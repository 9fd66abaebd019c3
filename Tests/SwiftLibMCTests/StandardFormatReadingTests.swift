import Foundation
import Testing

@testable import SwiftLibMC

/// Which values can be read as which types, whoever wrote them.
@Suite("Standard format: reading")
struct StandardFormatReadingTests {
    // MARK: Bytes

    @Test(arguments: [0, 1, 2, 4, 16, 65536, 1 << 20, 0xFFFF_FFFF] as [UInt32])
    func bytesAreAlwaysAvailable(_ flags: UInt32) throws {
        #expect(try read("\u{80}x", flags, as: [UInt8].self) == [0xC2, 0x80, 0x78])
        #expect(try read("ab", flags, as: Data.self) == Data([0x61, 0x62]))
        #expect(try read("", flags, as: [UInt8].self).isEmpty)
        #expect(try read("", flags, as: Data.self).isEmpty)
        #expect(try read("ab", flags, as: [UInt8]?.self) == [0x61, 0x62])
    }

    @Test func theCompressionFlagPlaysNoPart() throws {
        #expect(try read("a", 8, as: [UInt8].self) == [0x61])
        #expect(try read("a", 16 | 8, as: String.self) == "a")
        #expect(try read("5", 4 | 8, as: Int.self) == 5)
        #expect(try read("[5]", 65536 | 8, as: [Int].self) == [5])
    }

    // MARK: Text

    @Test(arguments: [0, 16, 2, 4] as [UInt32])
    func textIsReadOfTextNumbersAndPlainValues(_ flags: UInt32) throws {
        #expect(try read("12 ", flags, as: String.self) == "12 ")
        #expect(try read("", flags, as: String.self) == "")
    }

    @Test func invalidUTF8IsNoText() throws {
        for bytes: [UInt8] in [[0xFF], [0x61, 0xC3], [0xED, 0xA0, 0x80], [0xC0, 0x80], [0xF0, 0x9F, 0x90]] {
            let error = #expect(throws: ValueFormatError.self) {
                try bytes.withRawSpan { try StandardFormat.decode($0, flags: .text, as: String.self) }
            }
            #expect(error?.reason == .notUTF8)
        }
    }

    @Test(arguments: [1, 65536, 3, 48, 32, 1 << 20] as [UInt32])
    func textIsNotReadOfOtherKinds(_ flags: UInt32) throws {
        #expect(throws: kind(flags, String.self)) { try read("abc", flags, as: String.self) }
    }

    // MARK: Numbers

    @Test(arguments: [0, 2, 4, 16] as [UInt32])
    func integersAreReadOfNumbersAndText(_ flags: UInt32) throws {
        #expect(try read("-42", flags, as: Int.self) == -42)
        #expect(try read("+42", flags, as: Int.self) == 42)
        #expect(try read("007", flags, as: UInt8.self) == 7)
        #expect(try read("9 ", flags, as: Int.self) == 9)
        #expect(try read("0" + String(repeating: " ", count: 19), flags, as: UInt64.self) == 0)
        #expect(try read("5", flags, as: Int?.self) == 5)
    }

    @Test(arguments: ["", " ", "-", "+", " 5", "5 5", "5\n", "1.0", "0x10", "five", "--5", "1_000", "null", "٥"])
    func whatIsNoIntegerIsRefused(_ text: String) throws {
        for flags in [0, 2, 4, 16] as [UInt32] {
            let error = #expect(throws: ValueFormatError.self) { try read(text, flags, as: Int.self) }
            #expect(error?.reason == .notInteger)
        }
    }

    @Test func integersOutOfRangeAreRefused() throws {
        func refuse<I: FixedWidthInteger & Codable>(_ text: String, _ type: I.Type) throws {
            let error = #expect(throws: ValueFormatError.self) { try read(text, 4, as: type) }
            #expect(error?.reason == .overflow)
        }
        try refuse("128", Int8.self)
        try refuse("-129", Int8.self)
        try refuse("256", UInt8.self)
        try refuse("-1", UInt8.self)
        try refuse("9223372036854775808", Int.self)
        try refuse("-9223372036854775809", Int.self)
        try refuse("18446744073709551616", UInt64.self)
        try refuse("-1", UInt64.self)
        try refuse(String(repeating: "9", count: 1000), UInt128.self)
        #expect(try read("-0", 4, as: UInt64.self) == 0)
    }

    @Test(arguments: [1, 65536, 3, 6, 1 << 20] as [UInt32])
    func integersAreNotReadOfOtherKinds(_ flags: UInt32) throws {
        #expect(throws: kind(flags, Int.self)) { try read("5", flags, as: Int.self) }
        #expect(throws: kind(flags, UInt16.self)) { try read("5", flags, as: UInt16.self) }
        #expect(throws: kind(flags, Bool.self)) { try read("1", flags, as: Bool.self) }
    }

    @Test(arguments: [0, 2, 4, 16] as [UInt32])
    func booleansAreReadOfZeroAndOne(_ flags: UInt32) throws {
        #expect(try read("1", flags, as: Bool.self))
        #expect(try !read("0", flags, as: Bool.self))
        #expect(try !read("0 ", flags, as: Bool.self))
        for text in ["2", "-1", "256", "257", "true", "True", "", "1.0"] {
            let error = #expect(throws: ValueFormatError.self) { try read(text, flags, as: Bool.self) }
            #expect(error?.reason == .notBoolean)
        }
    }

    @Test(arguments: [0, 2, 4, 16, 65536] as [UInt32])
    func floatsAreReadOfJSONAndText(_ flags: UInt32) throws {
        #expect(try read("1.5", flags, as: Double.self) == 1.5)
        #expect(try read(" -2e3\n", flags, as: Double.self) == -2000)
        #expect(try read("9 ", flags, as: Float.self) == 9)
        #expect(try read("12", flags, as: Double?.self) == 12)
    }

    @Test(arguments: ["", " ", "nan", "inf", "0x1p3", "1.5x", "1e", "--1", "1 2", "true", #""1""#])
    func whatIsNoNumberIsRefused(_ text: String) throws {
        for flags in [0, 4, 65536] as [UInt32] {
            let error = #expect(throws: ValueFormatError.self) { try read(text, flags, as: Double.self) }
            #expect(error?.reason == .notNumber)
        }
    }

    @Test func floatsOutOfRangeAreRefused() throws {
        #expect(throws: ValueFormatError.self) { try read("1e400", 65536, as: Double.self) }
        #expect(throws: ValueFormatError.self) { try read("-1e300", 65536, as: Float.self) }
        #expect(throws: ValueFormatError.self) { try read("1", 1, as: Double.self) }
    }

    // MARK: JSON

    @Test(arguments: [0, 16, 65536] as [UInt32])
    func otherTypesAreReadOfJSONHoweverFlagged(_ flags: UInt32) throws {
        #expect(try read(#"{"a":[1,2]}"#, flags, as: [String: [Int]].self) == ["a": [1, 2]])
        #expect(try read(#" "red" "#, flags, as: Colour.self) == .red)
        #expect(try read("null", flags, as: Colour?.self) == nil)
        #expect(try read(" null\n", flags, as: Double?.self) == nil)
    }

    @Test(arguments: [1, 2, 4, 3, 48, 1 << 20] as [UInt32])
    func otherTypesAreNotReadOfOtherKinds(_ flags: UInt32) throws {
        #expect(throws: kind(flags, [Int].self)) { try read("[1]", flags, as: [Int].self) }
    }

    @Test func nullIsNilForNativeTypesOnlyAsJSON() throws {
        #expect(try read("null", 65536, as: String?.self) == nil)
        #expect(try read("null", 65536, as: Int?.self) == nil)
        #expect(try read("null", 16, as: String?.self) == "null")
        #expect(try read("null", 0, as: [UInt8]?.self) == Array("null".utf8))
        #expect(throws: ValueFormatError.self) { try read("null", 16, as: Int?.self) }
        #expect(throws: ValueFormatError.self) { try read("null", 65536, as: Colour.self) }
        #expect(throws: ValueFormatError.self) { try read("nul", 65536, as: Colour?.self) }
    }

    @Test(arguments: ["", "{", "[1,2", "abc", "{} {}", "[1]x", "\u{0}"])
    func brokenJSONIsRefused(_ text: String) throws {
        #expect(throws: ValueFormatError.self) { try read(text, 65536, as: [Int].self) }
        #expect(throws: ValueFormatError.self) { try read(text, 0, as: [String: Int].self) }
    }

    @Test func errorsNameThePlaceAndNeverTheValue() throws {
        func message<V: Decodable>(_ text: String, _ type: V.Type) -> String {
            let error = #expect(throws: ValueFormatError.self) { try read(text, 65536, as: type) }
            return error?.description ?? ""
        }
        let start = "can't read a value with flags 65536 (JSON) as "
        #expect(message(#"{"x":"secret"}"#, Point.self) == start + "Point: no Int at .x")
        #expect(message(#"{"y":1}"#, Point.self) == start + "Point: nothing at .x")
        #expect(message(#"[{"x":1},{"x":null}]"#, [Point].self) == start + "Array<Point>: null instead of Int at [1].x")
        #expect(message(#"{"secret":{"x":[]}}"#, [String: Point].self).hasSuffix("no Int at […].x"))
        #expect(message(#""secret""#, Colour.self).hasSuffix("as Colour: the bytes are not the JSON of such a value"))
        #expect(message(#"{"42":"secret"}"#, [Int: Int].self).hasSuffix("no Int at […]"))
        #expect(message("secret", Point.self).hasSuffix("the bytes are not the JSON of such a value"))
    }

    @Test func missesAndErrorsOfATypeGoThrough() throws {
        #expect(throws: CacheMiss.self) { try read("{}", 65536, as: Outdated.self) }
        #expect(throws: CacheMiss.self) { try read("{}", 65536, as: Outdated?.self) }
        #expect(throws: CacheMiss.self) { try read("[{}]", 65536, as: [Outdated].self) }
    }
}

// MARK: - Helpers

private func read<V: Decodable>(_ text: String, _ flags: UInt32, as type: V.Type) throws -> V {
    try text.withRawSpan { try StandardFormat.decode($0, flags: Flags(rawValue: flags), as: type) }
}

/// The error of a type that can't be made of values with these flags.
private func kind(_ flags: UInt32, _ type: Any.Type) -> ValueFormatError {
    ValueFormatError(reading: type, flags: Flags(rawValue: flags), .kind)
}

private struct Point: Codable, Equatable {
    var x: Int
    var y: Int?
}

private enum Colour: String, Codable { case red }

private struct Outdated: Decodable {
    init(from decoder: any Decoder) throws { throw CacheMiss() }
}
