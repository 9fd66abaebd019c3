import Foundation
import SwiftLibMC
import TestSupport
import Testing

/// What values look like on the wire: pylibmc's format, so that other programs read them.
@Suite("Values on the wire", .timeLimit(.minutes(5)))
struct WrittenValueTests {
    /// A value, and what has to be stored of it.
    struct Sample: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let bytes: [UInt8]
        let flags: Flags
        /// Stores the value by every call that takes one, each under a key of its own.
        let store: @Sendable (Client) throws -> [String]

        init<V: Encodable & Sendable>(_ value: V, _ bytes: [UInt8], _ flags: Flags) {
            testDescription = "\(V.self)(\(String(describing: value).prefix(30)))"
            self.bytes = bytes
            self.flags = flags
            store = { client in
                let keys = uniqueKeys(9, "written")
                #expect(try client.set(keys[0], value))
                #expect(try client.add(keys[1], value))
                try client.set(keys[2], "replaced")
                #expect(try client.replace(keys[2], value))
                try client.set(keys[3], "swapped")
                #expect(try client.cas(keys[3], value, cas: try #require(try client.item(keys[3])).cas))
                #expect(try client.setMulti([keys[4]: value]) == [])
                #expect(try client.setMulti([keys[5]: value, keys[6]: "other"] as [String: any Encodable]) == [])
                #expect(try client.addMulti([(keys[7], value)]) == [])
                try client.set(keys[8], "replaced")
                #expect(try client.replaceMulti([keys[8]: value]) == [])
                return keys.filter { $0 != keys[6] }
            }
        }

        init<V: Encodable & Sendable>(_ value: V, _ text: String, _ flags: Flags) {
            self.init(value, Array(text.utf8), flags)
        }
    }

    static let samples = [
        Sample([UInt8].everyByte, .everyByte, []),
        Sample([UInt8](), [], []),
        Sample(Data([0, 13, 10, 255]), [0, 13, 10, 255], []),
        Sample("text ✍️\r\n\0", "text ✍️\r\n\0", .text),
        Sample("", "", .text),
        Sample(true, "1", .integer),
        Sample(false, "0", .integer),
        Sample(0, "0", .long),
        Sample(Int.min, "-9223372036854775808", .long),
        Sample(Int8(-128), "-128", .long),
        Sample(Int16(-5), "-5", .long),
        Sample(Int32.max, "2147483647", .long),
        Sample(Int64.max, "9223372036854775807", .long),
        Sample(UInt8(255), "255", .long),
        Sample(UInt16(65535), "65535", .long),
        Sample(UInt32.max, "4294967295", .long),
        Sample(UInt64.max, "18446744073709551615", .long),
        Sample(UInt(7), "7", .long),
        Sample(0.1, "0.1", .json),
        Sample(-2.5 as Float, "-2.5", .json),
        Sample([1, 2, 3], "[1,2,3]", .json),
        Sample(["a/b"], #"["a/b"]"#, .json),
        Sample(["key": 1], #"{"key":1}"#, .json),
        Sample(Person(name: "Bob", age: nil, tags: []), #"{"name":"Bob","tags":[]}"#, .json),
        Sample("some" as String?, "some", .text),
        Sample(5 as Int?, "5", .long),
        Sample(true as Bool?, "1", .integer),
        Sample([1] as [UInt8]?, [1], []),
        Sample(1.5 as Double?, "1.5", .json),
        Sample(7 as Int??, "7", .long),
        Sample(nil as Int?, "null", .json),
        Sample(nil as String?, "null", .json),
        Sample(nil as Person?, "null", .json),
    ]

    @Test(arguments: samples, Route.protocols)
    func areTheSameByEveryCall(_ sample: Sample, _ route: Route) throws {
        let client = try route.client()
        for (number, key) in try sample.store(client).enumerated() {
            let item = try #require(try client.item(key), "call \(number)")
            // The order of a JSON object's keys is the coder's business.
            let isObject = sample.bytes.first == UInt8(ascii: "{")
            #expect(
                isObject ? item.bytes.sorted() == sample.bytes.sorted() : item.bytes == sample.bytes,
                "call \(number)"
            )
            #expect(item.flags == sample.flags, "call \(number)")
        }
    }

    @Test(arguments: Route.protocols)
    func aValueWithoutStoredFormIsRefusedByEveryCall(_ route: Route) throws {
        let client = try route.client()
        let key = uniqueKey()
        try client.set(key, "untouched")
        let token = try #require(try client.item(key)).cas
        let calls: [(String, () throws -> Void)] = [
            ("set", { try client.set(key, Double.nan) }),
            ("add", { _ = try client.add(uniqueKey(), Double.infinity) }),
            ("replace", { _ = try client.replace(key, [Double.nan]) }),
            ("cas", { _ = try client.cas(key, Float.nan, cas: token) }),
            ("setMulti", { _ = try client.setMulti([key: Double.nan]) }),
            ("setMulti", { _ = try client.setMulti([key: "x", uniqueKey(): Double.nan] as [String: any Encodable]) }),
            ("addMulti", { _ = try client.addMulti([uniqueKey(): Double.nan]) }),
            ("replaceMulti", { _ = try client.replaceMulti([key: Double.nan]) }),
        ]
        for (operation, call) in calls {
            let error = expectFailure(.serialization) { try call() }
            #expect(error?.operation == operation)
            #expect(error?.underlying != nil)
            #expect(error?.isRetriable == false)
        }
        #expect(try client.get(key) == "untouched")
    }

    @Test(arguments: Route.protocols)
    func whatATypesOwnCodeThrowsIsTheCause(_ route: Route) throws {
        struct Reason: Error, Equatable {}
        struct Stubborn: Encodable {
            func encode(to encoder: any Encoder) throws { throw Reason() }
        }
        let client = try route.client()
        let error = expectFailure(.serialization) { try client.set(uniqueKey(), Stubborn()) }
        #expect(error?.underlying as? Reason == Reason())
    }
}
