import Foundation
import Testing

@testable import SwiftLibMC

/// Values of php-memcached, and ours for it.
@Suite("Format: PHP")
struct PHPFormatTests {
    let recorded = try? RecordedValues(.php)

    private func php() throws -> RecordedValues { try #require(recorded) }

    @Test func stringsAreTextOrBytes() throws {
        #expect(try php().read("text") == "Grüße 🐟")
        #expect(try php().read("text") == Array("Grüße 🐟".utf8))
        #expect(try php().read("empty") == "")
        #expect(try php().read("bytes") == Data([0, 255, 13, 10]))
        #expect(try php().read("user_flags") == "user")
    }

    @Test(arguments: [("int_0", 0), ("int_42", 42), ("int_-5", -5), ("int_max", Int.max), ("int_min", Int.min)])
    func integers(name: String, number: Int) throws {
        #expect(try php().read(name) == number)
        #expect(try php().read(name) == "\(number)")
        #expect(try ValueFormat.php.encode(number) == php().payload(name))
    }

    @Test func booleans() throws {
        #expect(try php().read("true") == true)
        #expect(try php().read("false") == false)
        #expect(try php().read("true") == 1)
        #expect(try ValueFormat.php.encode(true) == php().payload("true"))
        #expect(try ValueFormat.php.encode(false) == php().payload("false"))
    }

    @Test(
        arguments: [
            ("double_1.5", 1.5), ("double_-0.25", -0.25), ("double_3", 3), ("double_1e300", 1e300),
            ("double_1e-7", 1e-7), ("double_inf", .infinity), ("double_-inf", -.infinity),
        ]
    )
    func floats(name: String, number: Double) throws {
        #expect(try php().read(name) == number)
        #expect(try php().read(name) == Optional(number))
        #expect(try ValueFormat.php.encode(number).flags == php().payload(name).flags)
        let ours = try ValueFormat.php.encode(number)
        #expect(try read(ours, as: Double.self) == number)
    }

    @Test func whatIsNoNumberIsRead() throws {
        #expect(try php().read("double_nan", as: Double.self).isNaN)
        #expect(try php().read("double_-inf", as: Float.self) == -.infinity)
        #expect(try ValueFormat.php.encode(Double.nan) == php().payload("double_nan"))
        #expect(try ValueFormat.php.encode(-Float.infinity) == php().payload("double_-inf"))
        #expect(try php().refusal("double_inf", as: Int.self) != nil)
    }

    @Test func floatsOutOfRangeAreRefused() throws {
        #expect(try php().read("double_1e-7", as: Float.self) == 1e-7)
        #expect(try php().refusal("double_1e300", as: Float.self)?.hasSuffix("out of the type's range") == true)
    }

    @Test func structuresAreJSON() throws {
        #expect(try php().read("json") == Point(x: 1, name: "ü/"))
        #expect(try php().read("json_zlib") == [Long.lines])
        let ours = try ValueFormat.php.encode(Point(x: 1, name: nil))
        #expect(ours == Payload(bytes: Array(#"{"x":1}"#.utf8), flags: Flags(rawValue: 6)))
    }

    @Test func nothingIsNull() throws {
        #expect(try php().read("json_null", as: Int?.self) == nil)
        #expect(try php().read("json_null", as: String?.self) == nil)
        #expect(try ValueFormat.php.encode(Int?.none) == php().payload("json_null"))
        #expect(try ValueFormat.php.encode(Int?.some(42)) == php().payload("int_42"))
        #expect(try php().read("int_42", as: Int?.self) == 42)
    }

    /// What was compressed, by the name of its record: as an argument it would be shown byte by byte.
    private static let inflated: [String: [UInt8]] = [
        "zlib": Array(Long.lines.utf8),
        "fastlz": Array(Long.lines.utf8),
        "fastlz_zeros": [UInt8](repeating: 0, count: 5000),
        "fastlz_long": [UInt8](repeating: 97, count: 70000) + Array(Long.lines.utf8),
        "fastlz_far": Array((0..<8).map { _ in Long.noise(9000) }.joined()),
    ]

    @Test(arguments: inflated.keys.sorted())
    func compressedValuesAreInflated(name: String) throws {
        #expect(try php().read(name) == Self.inflated[name])
    }

    @Test func compressedTextIsText() throws {
        #expect(try php().read("zlib") == Long.lines)
        #expect(try php().read("fastlz") == Long.lines)
    }

    @Test(arguments: [
        ("array", "serialize()"), ("null", "serialize()"), ("igbinary", "igbinary"), ("msgpack", "msgpack"),
    ])
    func objectsAreNeverDecoded(name: String, writer: String) throws {
        let refusal = try php().refusal(name, as: [Int].self)
        #expect(
            refusal?.hasSuffix(": it is an object of PHP's \(writer), which is never decoded, except as bytes") == true
        )
        #expect(try php().read(name, as: [UInt8].self) == php().payload(name).bytes)
    }

    @Test func unknownTypesAreRefused() {
        #expect(throws: MemcachedError.self) {
            try read(Payload(bytes: [65], flags: Flags(rawValue: 9)), as: String.self)
        }
    }

    @Test func integersBeyondPHPsAreRefused() {
        #expect(throws: ForeignValueError.self) { try ValueFormat.php.encode(UInt64.max) }
    }

    private func read<V: Decodable>(_ payload: Payload, as type: V.Type) throws -> V {
        let item = Item(key: [107], bytes: payload.bytes, flags: payload.flags, cas: CAS(rawValue: 1))
        return try item.decode(as: type, format: .php)
    }
}

/// Compressed values of php-memcached that are not what they say.
@Suite("Format: PHP's compressed values")
struct PHPFrameTests {
    @Test(
        arguments: [
            [], [1], [1, 0, 0], [1, 0, 0, 0], [2, 0, 0, 0, 0, 65], [0, 0, 0, 0, 0, 65], [1, 0, 0, 0, 0],
            [1, 0, 0, 0, 0x40, 65],
            [9, 0, 0, 0, 0, 65, 0x20, 5], [9, 0, 0, 0, 0, 65, 0x20], [2, 0, 0, 0, 0, 65, 0x20, 0],
            [255, 255, 255, 0, 0, 65],
        ] as [[UInt8]]
    )
    func brokenFastLZIsCorrupt(bytes: [UInt8]) {
        #expect(refusal(bytes, flags: 80) == "the compressed value is corrupt")
    }

    @Test func smallFastLZIsRead() throws {
        let item = Item(
            key: [107],
            bytes: [4, 0, 0, 0, 0, 65, 0x20, 0],
            flags: Flags(rawValue: 80),
            cas: CAS(rawValue: 1)
        )
        #expect(try item.decode(as: String.self, format: .php) == "AAAA")
    }

    @Test func aWrongLengthIsCorrupt() throws {
        let php = try RecordedValues(.php)
        for (name, flags) in [("zlib", UInt32(48)), ("fastlz", 80)] {
            for change in [1, 255] {
                var bytes = try php.payload(name).bytes
                bytes[0] &+= UInt8(change)
                #expect(refusal(bytes, flags: flags) == "the compressed value is corrupt")
            }
            for count in [4, 5, 100, try php.payload(name).bytes.count - 1] {
                let part = Array(try php.payload(name).bytes.prefix(count))
                #expect(refusal(part, flags: flags) == "the compressed value is corrupt")
            }
        }
    }

    @Test func aLengthBeyondTheLimitIsRefusedBeforeAnythingElse() {
        #expect(refusal([0, 0, 0, 0x7F, 0, 65], flags: 80)?.contains("more than the 67108864 bytes") == true)
        #expect(refusal([0, 0, 0, 0x7F, 0x78, 0x9C], flags: 48)?.contains("more than the 67108864 bytes") == true)
    }

    @Test func otherCompressionsAreNamedAsSuch() {
        #expect(refusal([1, 0, 0, 0, 65], flags: 0x90)?.contains("does not read") == true)
        #expect(refusal([1, 0, 0, 0, 65], flags: 0x10) == "the compressed value is corrupt")
    }

    private func refusal(_ bytes: [UInt8], flags: UInt32) -> String? {
        do {
            let item = Item(key: [107], bytes: bytes, flags: Flags(rawValue: flags), cas: CAS(rawValue: 1))
            _ = try item.decode(as: [UInt8].self, format: .php)
            return nil
        } catch {
            return error.code == .deserialization ? error.detail : nil
        }
    }
}
