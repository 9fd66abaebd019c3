import Foundation
import TestSupport

/// Values made by chance.
extension Dice {
    mutating func text() -> String {
        let pieces = [
            "a", "Z", "0", " ", "\"", "\\", "/", "\n", "\t", "\r", "\u{8}", "\u{c}", "\0", "\u{1f}", "\u{7f}", "é",
            "e\u{301}", "ß", "\u{2028}", "🐟", "👨‍👩‍👧", "\u{FEFF}", "\u{FFFF}", "\u{10FFFF}", "K", "\u{212A}", "日本",
            "long enough for the heap",
        ]
        return (0..<below(one(of: [2, 5, 20]))).map { _ in one(of: pieces) }.joined()
    }

    mutating func word() -> String {
        one(of: ["a", "b", "id", "name", "ä", "a\u{308}", "K", "\u{212A}", "", "\"", text()])
    }

    mutating func integer<I: FixedWidthInteger>() -> I {
        switch below(4) {
        case 0: I.random(in: .min ... .max, using: &self)
        case 1: one(of: [.min, .max, 0, 1, .max - 1, .min + 1])
        default: I(truncatingIfNeeded: below(300) - 150)
        }
    }

    mutating func double() -> Double {
        switch below(6) {
        case 0:
            Double(bitPattern: next())
        case 1: Double(below(1000) - 500)
        case 2: Double(below(1_000_000)) / one(of: [10, 100, 1000, 1024, 3])
        case 3:
            one(of: [
                0, -0.0, 1e15, 1e16, 1e17, 9007199254740992, .leastNonzeroMagnitude, .leastNormalMagnitude,
                .greatestFiniteMagnitude, 0.1, 1e22, 1e23, 1e-5, 0.0001,
            ])
        default: Double.random(in: -1e9...1e9, using: &self)
        }
    }

    mutating func finite() -> Double {
        let number = double()
        return number.isFinite ? number : 1.5
    }
}

extension Dictionary {
    /// Makes a dictionary of pairs, of which several may have one key.
    init(uniting pairs: [(Key, Value)]) { self.init(pairs) { first, _ in first } }
}
