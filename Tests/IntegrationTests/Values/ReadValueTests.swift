import Foundation
import SwiftLibMC
import TestSupport
import Testing

/// What stored values can be read as, whoever has stored them.
@Suite("Reading values as other types", .timeLimit(.minutes(5)))
struct ReadValueTests {
    /// A stored value, a type to read it as, and what that has to give.
    struct Sample: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let bytes: [UInt8]
        let flags: Flags
        /// Reads the value by every call that gives one.
        let check: @Sendable (Client, String) throws -> Void

        /// The value can be read.
        static func gives<V: Decodable & Equatable & Sendable>(_ bytes: [UInt8], _ flags: Flags, _ value: V) -> Sample {
            Sample(testDescription: name(bytes, flags, V.self), bytes: bytes, flags: flags) { client, key in
                #expect(try client.get(key, as: V.self) == .some(value))
                #expect(try client.gets(key, as: V.self)?.value == .some(value))
                #expect(try client.getMulti([key], as: V.self) == [key: value])
                #expect(try client.getMultiArray([key], as: V.self) == [.some(value)])
                #expect(try client.getsMulti([key], as: V.self)[key]?.value == .some(value))
                let item = try #require(try client.item(key))
                #expect(try item.decode(as: V.self) == value)
                #expect(try client.decode(item, as: V.self) == value)
            }
        }

        static func gives<V: Decodable & Equatable & Sendable>(_ text: String, _ flags: Flags, _ value: V) -> Sample {
            gives(Array(text.utf8), flags, value)
        }

        /// The value can't be read.
        static func fails<V: Decodable & Sendable>(_ bytes: [UInt8], _ flags: Flags, as type: V.Type) -> Sample {
            Sample(testDescription: name(bytes, flags, type), bytes: bytes, flags: flags) { client, key in
                let errors = [
                    expectFailure(.deserialization) { try client.get(key, as: type) },
                    expectFailure(.deserialization) { try client.gets(key, as: type) },
                    expectFailure(.deserialization) { try client.getMulti([key], as: type) },
                    expectFailure(.deserialization) { try client.getMultiArray([key], as: type) },
                    expectFailure(.deserialization) { try client.getsMulti([key], as: type) },
                ]
                let operations = ["get", "gets", "getMulti", "getMultiArray", "getsMulti"]
                for (error, operation) in zip(errors, operations) {
                    #expect(error?.operation == operation)
                    #expect(error?.key == key)
                    // The flags and the type, which tell what is the matter; never the value.
                    #expect(error?.description.contains("\(flags.rawValue)") == true)
                    #expect(error?.description.contains("\(type)") == true)
                }
            }
        }

        static func fails<V: Decodable & Sendable>(_ text: String, _ flags: Flags, as type: V.Type) -> Sample {
            fails(Array(text.utf8), flags, as: type)
        }

        private static func name(_ bytes: [UInt8], _ flags: Flags, _ type: Any.Type) -> String {
            "\(String(decoding: bytes.prefix(30), as: UTF8.self).debugDescription), flags \(flags.rawValue), as \(type)"
        }
    }

    private static let unknown = Flags(rawValue: 1 << 24)

    /// Bytes can be had of anything.
    static let bytes: [Sample] = [Flags.bytes, .pickle, .integer, .long, .text, .json, unknown].flatMap { flags in
        [
            Sample.gives([0, 1, 255], flags, [0, 1, 255] as [UInt8]),
            .gives([0, 1, 255], flags, Data([0, 1, 255])),
            .gives([0, 1, 255], flags, [0, 1, 255] as [UInt8]?),
        ]
    }

    static let text: [Sample] = [
        .gives("text", .text, "text"),
        .gives("text", .bytes, "text"),
        .gives("text", .bytes, "text" as String?),
        .gives("42", .long, "42"),
        .gives("1", .integer, "1"),
        .gives("9 ", .long, "9 "),
        .fails([0xFF, 0xFE], .bytes, as: String.self),
        .fails([0xFF, 0xFE], .text, as: String.self),
        .fails("\"text\"", .json, as: String.self),
        .fails("pickle", .pickle, as: String.self),
        .fails("text", unknown, as: String.self),
    ]

    static let integers: [Sample] = [
        .gives("42", .long, 42),
        .gives("1", .integer, 1),
        .gives("42", .text, 42),
        .gives("42", .bytes, 42),
        .gives("42", .long, 42 as Int?),
        .gives("-42", .long, -42),
        .gives("9  ", .long, 9),
        .gives("9  ", .bytes, UInt8(9)),
        .gives("255", .long, UInt8(255)),
        .gives("18446744073709551615", .long, UInt64.max),
        .gives("-128", .long, Int8(-128)),
        .fails("256", .long, as: UInt8.self),
        .fails("-1", .long, as: UInt.self),
        .fails("128", .long, as: Int8.self),
        .fails("18446744073709551616", .long, as: UInt64.self),
        .fails("", .long, as: Int.self),
        .fails("x", .long, as: Int.self),
        .fails("1.5", .long, as: Int.self),
        .fails("12 34", .text, as: Int.self),
        .fails("0x10", .text, as: Int.self),
        .fails("42", .json, as: Int.self),
        .fails("42", .pickle, as: Int.self),
        .fails("42", unknown, as: Int.self),
    ]

    static let booleans: [Sample] = [
        .gives("1", .integer, true),
        .gives("0", .integer, false),
        .gives("1", .long, true),
        .gives("0", .text, false),
        .gives("1", .bytes, true),
        .gives("1", .integer, true as Bool?),
        .fails("2", .integer, as: Bool.self),
        .fails("true", .text, as: Bool.self),
        .fails("1", .pickle, as: Bool.self),
    ]

    static let floats: [Sample] = [
        .gives("0.1", .json, 0.1),
        .gives("-2.5e3", .json, -2500 as Float),
        .gives("3", .long, 3.0),
        .gives("3.5", .text, 3.5),
        .gives("3.5", .bytes, 3.5 as Double?),
        .fails("nan", .text, as: Double.self),
        .fails("inf", .json, as: Double.self),
        .fails("x", .text, as: Double.self),
        .fails("1.5", .pickle, as: Double.self),
    ]

    static let others: [Sample] = [
        .gives("[1,2]", .json, [1, 2]),
        .gives("[1,2]", .text, [1, 2]),
        .gives("[1,2]", .bytes, [1, 2]),
        .gives(#"{"name":"Bob","tags":[]}"#, .json, Person(name: "Bob", age: nil)),
        .gives(#"{"name":"Bob","tags":[]}"#, .json, Person(name: "Bob", age: nil) as Person?),
        .gives("null", .json, nil as Person?),
        .gives("null", .json, nil as Int?),
        .gives("null", .json, nil as String?),
        .gives("null", .json, nil as Double?),
        .gives("null", .text, "null" as String?),
        .fails("null", .json, as: Person.self),
        .fails("[1", .json, as: [Int].self),
        .fails(#"["a"]"#, .json, as: [Int].self),
        .fails("not json", .text, as: Person.self),
        .fails("[1,2]", .pickle, as: [Int].self),
        .fails("[1,2]", unknown, as: [Int].self),
        .fails("1", .long, as: Person.self),
    ]

    @Test(arguments: bytes + text + integers, Route.protocols)
    func bytesTextAndIntegers(_ sample: Sample, _ route: Route) throws {
        try check(sample, route)
    }

    @Test(arguments: booleans + floats + others, Route.protocols)
    func everythingElse(_ sample: Sample, _ route: Route) throws {
        try check(sample, route)
    }

    private func check(_ sample: Sample, _ route: Route) throws {
        let key = uniqueKey()
        try route.server.plant(key, sample.bytes, flags: sample.flags)
        try sample.check(try route.client(), key)
    }

    @Test(arguments: Route.protocols)
    func whatATypesOwnCodeThrowsIsTheCause(_ route: Route) throws {
        struct Reason: Error, Equatable {}
        struct Stubborn: Decodable {
            init(from decoder: any Decoder) throws { throw Reason() }
        }
        let client = try route.client()
        let key = uniqueKey()
        try client.set(key, [1])
        let error = expectFailure(.deserialization) { try client.get(key, as: Stubborn.self) }
        #expect(error?.underlying as? Reason == Reason())
    }

    @Test(arguments: Route.protocols)
    func oneUnreadableValueOfManyIsAnError(_ route: Route) throws {
        let client = try route.client()
        let keys = uniqueKeys(5)
        #expect(try client.setMulti(keys.map { ($0, 1) }) == [])
        try client.set(keys[3], "no number")
        let error = expectFailure(.deserialization) { try client.getMulti(keys, as: Int.self) }
        #expect(error?.key == keys[3])
        // All replies have been taken: what comes next is right.
        #expect(try client.get(keys[4]) == 1)
        #expect(try client.getMulti(keys, as: [UInt8].self).count == 5)
        try client.set(keys[2], [0xFF, 0xFF] as [UInt8])
        #expect(expectFailure(.deserialization) { try client.getMulti(keys, as: String.self) }?.key == keys[2])
        #expect(try client.get(keys[4]) == 1)
    }
}
