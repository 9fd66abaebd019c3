import Foundation
import SwiftLibMCJSON
import TestSupport
import Testing

/// Compares with Foundation's coders.
struct JSONAgreement {
    var dice: Dice
    private let encoder = JSONEncoder()
    private let decoder = JSONDecoder()

    init(_ seed: UInt64) {
        dice = Dice(seed)
        encoder.outputFormatting = .withoutEscapingSlashes
    }

    /// Checks values of a type, and texts that are almost theirs.
    mutating func check<T: Random>(_ type: T.Type, _ count: Int) throws {
        for _ in 0..<count {
            guard let text = try text(of: T.random(&dice)) else { continue }
            try checkReading(text, T.self)
            for _ in 0..<5 {
                let text = changed(text)
                try checkReading(text, T.self)
                try checkReading(text, Plain.self)
                guard dice.chance(3) else { continue }
                try checkReading(text, Anything.self)
                try checkReading(text, Probe.self)
                try checkReading(text, Careful.self)
                try checkReading(text, [String: Int?].self)
            }
        }
    }

    // MARK: Writing

    /// The text of a value, ours or Foundation's, or nil if there is none.
    mutating func text<T: Encodable>(of value: T) throws -> [UInt8]? {
        let theirs = try? Array(encoder.encode(value))
        guard let ours = JSONWriting.text(of: value) else { return theirs }
        guard let theirs else {
            Issue.record("Foundation refuses \(String(decoding: ours, as: UTF8.self))")
            return nil
        }
        // Foundation's keys are in no order.
        if ours != theirs {
            #expect(ours.sorted() == theirs.sorted(), "\(show(ours)) for \(show(theirs))")
            let trees = try [ours, theirs].map { try decoder.decode(Anything.self, from: Data($0)) }
            #expect(trees[0] == trees[1], "\(show(ours)) for \(show(theirs))")
        }
        return dice.chance(2) ? ours : theirs
    }

    // MARK: Reading

    mutating func checkReading<T: Decodable & Equatable>(_ text: [UInt8], _ type: T.Type) throws {
        let theirs = Result { try decoder.decode(T.self, from: Data(text)) }
        let ours = Result { try JSONReading.value(of: text, as: type) }
        switch (ours, theirs) {
        case (.success(nil), _): break
        case (.success(let ours?), .success(let theirs)):
            #expect(ours == theirs, "of \(show(text))")
            // Equal text may still be different, and there are two zeros; but a set is in no order.
            #expect(form(ours)?.sorted() == form(theirs)?.sorted(), "of \(show(text))")
        case (.success, .failure(let error)): Issue.record("\(type) is read of \(show(text)), against \(error)")
        case (.failure(let error), .failure(let theirs)): #expect("\(error)" == "\(theirs)")
        case (.failure(let error), .success): Issue.record("\(type) is not read of \(show(text)): \(error)")
        }
    }

    private func form<T>(_ value: T) -> [UInt8]? {
        guard let value = value as? any Encodable else { return nil }
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        return (try? encoder.encode(value)).map { Array($0) }
    }

    private func show(_ text: [UInt8]) -> String { String(decoding: text, as: UTF8.self) }

    // MARK: Changes

    private static let pieces: [[UInt8]] =
        [
            "\"", "\\", "{", "}", "[", "]", ",", ":", " ", "\n", "\t", "0", "-", "1", "9", ".", "e", "E", "+", "null",
            "true",
            "false", #"\u0041"#, #"\ud83d\ude00"#, #"\ud83d"#, #"\udc00"#, #"\u00e9"#, #"\u12"#, #"\n"#, #"\/"#, #"\x"#,
            "1e2", "5.0", "-0", "1e400", "1e-400", "0.0e5", "00", "1.", ".5", "18446744073709551616",
            "9223372036854775808",
            "0.1000000000000000055511151231257827", "\"a\":1,", "\"id\":7,", "\"K\":1,", "\"\u{212A}\":1,", "é", "[],",
            "{},",
        ].map { Array($0.utf8) } + [[0xFF], [0xC3], [0xED, 0xA0, 0x80], [0], [0x1F], [0x7F], [0xEF, 0xBB, 0xBF]]

    private mutating func changed(_ text: [UInt8]) -> [UInt8] {
        var text = text
        for _ in 0...dice.below(2) {
            let place = dice.below(text.count + 1)
            let piece = dice.one(of: Self.pieces)
            switch dice.below(6) {
            case 0: text.insert(contentsOf: piece, at: place)
            case 1 where place < text.count: text.remove(at: place)
            case 2 where place < text.count: text[place] = piece[0]
            case 3:
                let isDigit = { (byte: UInt8) in byte >= 0x30 && byte <= 0x39 }
                let start = text[place...].firstIndex(where: isDigit) ?? text.endIndex
                let end = text[start...].firstIndex { !isDigit($0) } ?? text.endIndex
                text.replaceSubrange(start..<end, with: piece)
            case 4:
                let part = Array(text[place..<min(text.count, place + dice.below(20))])
                text.insert(contentsOf: part, at: dice.below(text.count + 1))
            default:
                // Where an element or member belongs.
                let bracket = text[place...].firstIndex { [0x2C, 0x5B, 0x7B].contains($0) }
                if let bracket { text.insert(contentsOf: piece, at: bracket + 1) }
            }
        }
        return text
    }
}
