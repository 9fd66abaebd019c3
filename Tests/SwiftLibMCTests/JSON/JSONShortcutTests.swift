import Foundation
import SwiftLibMCJSON
import Testing

@testable import SwiftLibMC

/// For which values Foundation's coders are not needed, and for which they are.
@Suite("JSON: without Foundation's coders")
struct JSONShortcutTests {
    @Test func usualValuesDoWithoutFoundation() throws {
        try check(Plain(id: 1, name: "ä \"\n", tags: ["a", "\u{1F}"], score: -2.5))
        try check([Plain(id: 1, name: "", tags: [], score: 1e100)])
        try check(["key": ["ä": 1.5]])
        try check((0..<100).map { "\($0)" }.reduce(into: [String: Int]()) { $0[$1] = 1 })
        try check([Int?.none, 3])
        try check(Date(timeIntervalSinceReferenceDate: 1.5))
        try check([Data([1, 2, 3])])
        try check(["a": URL(string: "https://a/b?c")!])
        try check([Decimal(string: "1.25")!])
        try check(Tree.pair(left: .leaf, right: .many([.number(5)], named: ["a": .leaf])))
        try check(Derived(id: 1, name: "x", style: 0))
        try check([Int128.max, Int128.min])
        try check([UUID()])
    }

    private func check<T: Codable & Equatable>(_ value: T, _ location: SourceLocation = #_sourceLocation) throws {
        let text = try #require(JSONWriting.text(of: value), sourceLocation: location)
        let back = try JSONReading.value(of: text, as: T.self)
        #expect(back == value, sourceLocation: location)
    }

    // MARK: Left to Foundation

    @Test func aHiddenErrorOfAnEncoderCounts() {
        #expect(JSONWriting.text(of: Odd { try? $0.encode(Double.nan, forKey: "a") }) == nil)
        #expect(JSONWriting.text(of: Odd { try? $0.encode(Odd { _ in throw Refusal() }, forKey: "a") }) == nil)
        #expect(JSONWriting.text(of: Odd { try $0.encode(1, forKey: "a") }) == Array(#"{"a":1}"#.utf8))
    }

    @Test func twoValuesForOneKeyAreLeftToFoundation() throws {
        let twice = Odd {
            try $0.encode(1, forKey: "a")
            try $0.encode(2, forKey: "a")
        }
        #expect(JSONWriting.text(of: twice) == nil)
        #expect(try StandardFormat.encode(twice).bytes == Array(#"{"a":2}"#.utf8))
        for first in 0..<40 {
            let late = Odd {
                for number in 0..<40 { try $0.encode(1, forKey: "\(number)") }
                try $0.encode(1, forKey: "\(first)")
            }
            #expect(JSONWriting.text(of: late) == nil)
        }
    }

    @Test func equalKeysOfOtherCharactersAreLeftToFoundation() {
        for (first, second) in [("ä", "a\u{308}"), ("K", "\u{212A}"), (";", "\u{37E}"), ("`", "\u{1FEF}")] {
            let value = Odd {
                try $0.encode(1, forKey: first)
                try $0.encode(2, forKey: second)
            }
            #expect(JSONWriting.text(of: value) == nil)
        }
    }

    @Test func containersOutOfOrderAreLeftToFoundation() throws {
        let value = Odd {
            var first = $0.container.nestedUnkeyedContainer(forKey: AnyKey(stringValue: "a"))
            var second = $0.container.nestedUnkeyedContainer(forKey: AnyKey(stringValue: "b"))
            try second.encode(2)
            try first.encode(1)
        }
        #expect(JSONWriting.text(of: value) == nil)
        let text = try StandardFormat.encode(value).bytes
        #expect(Set(text) == Set(#"{"a":[1],"b":[2]}"#.utf8))
    }

    @Test func whoAsksForThePathGetsIt() throws {
        let value = Odd { try $0.encode(Path(), forKey: "a") }
        let text = try StandardFormat.encode(value).bytes
        #expect(String(decoding: text, as: UTF8.self) == #"{"a":["a"]}"#)
        let path = try text.withRawSpan { try StandardFormat.decode($0, flags: .json, as: [String: Path].self) }
        #expect(path["a"]?.keys == ["a"])
    }

    @Test func aHiddenErrorOfADecoderCounts() throws {
        let text = Array(#"["1",2]"#.utf8)
        #expect(try JSONReading.value(of: text, as: [Anything].self) == nil)
        let value = try text.withRawSpan { try StandardFormat.decode($0, flags: .json, as: [Anything].self) }
        #expect(value == [.text("1"), .int(2)])
    }

    @Test func aDecoderThatIsKeptIsARealOne() throws {
        let text = Array(#"{"a":1}"#.utf8)
        #expect(try JSONReading.value(of: text, as: Keeper.self) == nil)
        let keeper = try text.withRawSpan { try StandardFormat.decode($0, flags: .json, as: Keeper.self) }
        #expect(throws: DecodingError.self) { try [String: String](from: keeper.decoder) }
        #expect(try [String: Int](from: keeper.decoder) == ["a": 1])
    }

    // MARK: Errors

    @Test func errorsOfAValueGoThrough() {
        let refusal = #expect(throws: Refusal.self) {
            try JSONReading.value(of: Array("[1]".utf8), as: Rebel.self)
        }
        #expect(refusal?.number == 7)
    }
}

/// A value with a say in how it is written.
private struct Odd: Encodable {
    struct Members {
        var container: KeyedEncodingContainer<AnyKey>

        mutating func encode<T: Encodable>(_ value: T, forKey key: String) throws {
            try container.encode(value, forKey: AnyKey(stringValue: key))
        }
    }

    let body: (inout Members) throws -> Void

    func encode(to encoder: any Encoder) throws {
        var members = Members(container: encoder.container(keyedBy: AnyKey.self))
        try body(&members)
    }
}

/// The path that it is at.
private struct Path: Codable {
    var keys: [String] = []

    init() {}
    init(from decoder: any Decoder) throws { keys = decoder.codingPath.map(\.stringValue) }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(encoder.codingPath.map(\.stringValue))
    }
}

/// A value that keeps its decoder.
private struct Keeper: Decodable {
    let decoder: any Decoder

    init(from decoder: any Decoder) throws { self.decoder = decoder }
}

/// A value that does not like what it reads.
private struct Rebel: Decodable {
    init(from decoder: any Decoder) throws {
        var container = try decoder.unkeyedContainer()
        throw Refusal(number: try container.decode(Int.self) + 6)
    }
}
