import Foundation
import TestSupport
import Testing

@testable import SwiftLibMC

/// What is written and read without Foundation's coders is what they write and read.
@Suite("JSON: agreement with Foundation")
struct JSONAgreementTests {
    // MARK: Values

    @Test(arguments: 0..<4 as Range<UInt64>) func valuesOfAllKinds(_ seed: UInt64) throws {
        var agreement = JSONAgreement(seed)
        try agreement.check(Plain.self, 60)
        try agreement.check(Numbers.self, 30)
        try agreement.check(Maybes.self, 40)
        try agreement.check(Dictionaries.self, 30)
        try agreement.check(Derived.self, 15)
        try agreement.check(Anything.self, 50)
    }

    @Test(arguments: 0..<4 as Range<UInt64>) func valuesOfFoundation(_ seed: UInt64) throws {
        var agreement = JSONAgreement(seed)
        try agreement.check(Foundations.self, 60)
    }

    @Test(arguments: 0..<4 as Range<UInt64>) func enumerationsWithValues(_ seed: UInt64) throws {
        var agreement = JSONAgreement(seed)
        try agreement.check(Tree.self, 60)
    }

    @Test(arguments: 0..<4 as Range<UInt64>) func allWaysToUseAnEncoder(_ seed: UInt64) throws {
        var agreement = JSONAgreement(seed)
        for _ in 0..<1000 {
            let script = Script(seed: agreement.dice.next(), depth: agreement.dice.below(4))
            guard let text = try agreement.text(of: script) else { continue }
            try agreement.checkReading(text, Probe.self)
            try agreement.checkReading(text, Careful.self)
        }
    }

    // MARK: Texts

    static let texts =
        numbers + [
            "null", "true", "false", "\"\"", "\"1\"", #""a\u0000b""#, #""\ud83d\ude00""#, #""\uD83D""#, #""\uDC00""#,
            #""\ud83dx""#, #""\ud83d\n""#, #""\ud83d\u0041""#, #""\"\\\/\b\f\n\r\t""#, #""\x""#, #""\u12""#,
            #""\u12G4""#,
            "\"\u{7F}\"", "\"\n\"", "\"\u{1F}\"", "\"\0\"", "[]", "{}", "[1]", "[1,]", "[,1]", "[1,2", "{\"a\":1,}",
            " 5 ",
            "\u{FEFF}5", "5\0", "tru", "nul", "nulll", "", " ", "\"abc", "\"QUJD\"", "\"QUI=\"", "\"QUI\"",
            "\"Q U I=\"",
            #""QUI\u003d""#, "\"http://a b\"", "\"http://[\"", "{\"a\":1,\"a\":2}", #"{"a":1,"\u0061":2}"#,
            "{\"K\":1,\"\u{212A}\":2}", "{\"ä\":1,\"a\u{308}\":2}", "{1:2}", "{\"a\" 1}", "[1 2]", "[1]]", "1 2", "'a'",
            "/**/1",
        ]

    static let numbers = [
        "0", "-0", "1", "-1", "1e2", "100", "127", "128", "-128", "-129", "255", "256", "65535", "65536", "1.0", "1.5",
        "2147483648", "4294967296", "9007199254740993", "9223372036854775807", "9223372036854775808",
        "-9223372036854775808", "-9223372036854775809", "18446744073709551615", "18446744073709551616",
        "170141183460469231731687303715884105727", "170141183460469231731687303715884105728",
        "-170141183460469231731687303715884105728", "340282366920938463463374607431768211455",
        "340282366920938463463374607431768211456", "1e400", "-1e400", "1e-400", "0e999", "0.0", "-0.0", "0e5", "-0.0e5",
        "0E-12", "1e38", "1e39", "3.4028235e38", "3.4028236e38", "1e-45", "1e-46", "1e-50", "0." + zeros(400) + "1",
        "01", "-", "--1", "+1", "1.", ".1", "1e", "1e+", "1E+2", "1e-2", "0x10", "1_0", "inf", "NaN", "-.5", "1.e5",
        "0.1",
        "123456789.125", "9007199254740992", "0.30000000000000004", "1234567890123456", "12345678901234567",
        "0.1234567890123456789", "1.23456789012345678901234567890123456789012345", "1" + zeros(300), "1" + zeros(400),
        "5e-324", "2e-324", "1.7976931348623157e308", "1.7976931348623159e308", "999999999999999.9", "0.000001",
    ]

    private static func zeros(_ count: Int) -> String { String(repeating: "0", count: count) }

    @Test(arguments: texts) func textsAsAllTypes(_ text: String) throws {
        try check(text, Int.self)
        try check(text, Int8.self)
        try check(text, Int16.self)
        try check(text, Int32.self)
        try check(text, Int64.self)
        try check(text, Int128.self)
        try check(text, UInt.self)
        try check(text, UInt8.self)
        try check(text, UInt16.self)
        try check(text, UInt32.self)
        try check(text, UInt64.self)
        try check(text, UInt128.self)
        try check(text, Double.self)
        try check(text, Float.self)
        try check(text, Bool.self)
        try check(text, String.self)
        try check(text, Date.self)
        try check(text, Data.self)
        try check(text, URL.self)
        try check(text, Decimal.self)
        try check(text, Anything.self)
        try check(text, Careful.self)
    }

    private func check<T: Decodable & Equatable>(_ text: String, _ type: T.Type) throws {
        var agreement = JSONAgreement(0)
        for frame in ["%", "[%]", "{\"a\":%}", " [ % , % ] "] {
            let bytes = Array(frame.replacingOccurrences(of: "%", with: text).utf8)
            try agreement.checkReading(bytes, T.self)
            try agreement.checkReading(bytes, T?.self)
            try agreement.checkReading(bytes, [T].self)
            try agreement.checkReading(bytes, [T?].self)
            try agreement.checkReading(bytes, [String: T].self)
            try agreement.checkReading(bytes, [String: T?].self)
        }
        // In UTF-16, which Foundation knows by its zeros.
        try agreement.checkReading(text.utf8.flatMap { [$0, 0] as [UInt8] }, T.self)
    }

    // MARK: Depth

    @Test(arguments: [1, 100, 199, 200, 201, 399, 400, 401, 510, 511, 512, 513, 2000]) func deepValues(_ depth: Int)
        throws
    {
        var agreement = JSONAgreement(0)
        let arrays = String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
        let objects = String(repeating: "{\"a\":", count: depth) + "1" + String(repeating: "}", count: depth)
        try agreement.checkReading(Array(arrays.utf8), Nest.self)
        try agreement.checkReading(Array(objects.utf8), [String: Bool].self)
        _ = try agreement.text(of: Nest(depth))
    }
}

/// Arrays within arrays.
private struct Nest: Codable, Equatable {
    var inner: [Nest]

    init(_ depth: Int) { inner = depth == 1 ? [] : [Nest(depth - 1)] }
    init(from decoder: any Decoder) throws { inner = try decoder.singleValueContainer().decode([Nest].self) }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(inner)
    }
}
