import Foundation
import TestSupport

struct AnyKey: CodingKey, Hashable {
    var stringValue: String
    var intValue: Int?
    init(stringValue: String) { self.stringValue = stringValue }
    init(intValue: Int) { stringValue = "\(intValue)"; self.intValue = intValue }
}

struct Refusal: Error, Equatable { var number = 0 }

/// A value that uses an encoder in all possible ways, and some odd ones.
struct Script: Encodable {
    let seed: UInt64
    let depth: Int

    func encode(to encoder: any Encoder) throws {
        var dice = Dice(seed)
        switch dice.below(depth == 0 ? 6 : 12) {
        case 0, 1:
            var single = encoder.singleValueContainer()
            try scalar(&dice) { try single.encode($0) }
        case 2:
            var single = encoder.singleValueContainer()
            if dice.chance(2) { try single.encodeNil() } else { try single.encode(Script(seed: dice.next(), depth: 0)) }
        case 3:
            switch dice.below(6) {
            case 0: break
            case 1: _ = encoder.container(keyedBy: AnyKey.self)
            case 2: _ = encoder.unkeyedContainer()
            case 3 where dice.chance(9): throw Refusal()
            case 4 where !encoder.codingPath.isEmpty:
                var single = encoder.singleValueContainer(); try single.encode(encoder.codingPath.map(\.stringValue))
            default: var single = encoder.singleValueContainer(); try single.encode(encoder.userInfo.count)
            }
        case 4, 5, 6, 7, 8:
            var object = encoder.container(keyedBy: AnyKey.self)
            for _ in 0..<dice.below(dice.chance(8) ? 40 : 6) { try member(&dice, &object) }
            if dice.chance(6) {
                var again = encoder.container(keyedBy: AnyKey.self)
                try member(&dice, &again)
                try member(&dice, &object)
            }
        default:
            var array = encoder.unkeyedContainer()
            for _ in 0..<dice.below(5) { try element(&dice, &array) }
            if dice.chance(6) {
                var again = encoder.unkeyedContainer()
                try element(&dice, &again)
                try element(&dice, &array)
            }
        }
    }

    private func scalar(_ dice: inout Dice, _ body: (any Encodable) throws -> Void) throws {
        switch dice.below(16) {
        case 0: try body(dice.integer() as Int)
        case 1: try body(dice.integer() as UInt8)
        case 2: try body(dice.integer() as Int128)
        case 3: try body(dice.text())
        case 4: try body(dice.chance(20) ? dice.double() : dice.finite())
        case 5: try body(Float(dice.below(5000)) / 7)
        case 6: try body(dice.chance(2))
        case 7: try body(Optional(dice.below(4)))
        case 8: try body(Optional<Date>.none)
        case 9: try body(Date(timeIntervalSinceReferenceDate: dice.finite()))
        case 10: try body(Data(dice.text().utf8))
        case 11: try body([dice.text()])
        case 12: try body([dice.below(5): dice.text()])
        case 13: try body(Optional(URL(string: "http://a/b")!))
        case 14: try body(Decimal(dice.below(5000)) / 8)
        default: try body(Script(seed: dice.next(), depth: 0))
        }
    }

    private func inner(_ dice: inout Dice) -> Script { Script(seed: dice.next(), depth: max(0, depth - 1)) }

    private func member(_ dice: inout Dice, _ object: inout KeyedEncodingContainer<AnyKey>) throws {
        // Some keys appear twice.
        let key = AnyKey(stringValue: dice.chance(3) ? dice.word() : "k\(dice.below(1000))")
        switch dice.below(12) {
        case 0: try object.encodeNil(forKey: key)
        case 1: try object.encodeIfPresent(dice.chance(2) ? dice.below(5) : nil, forKey: key)
        case 2: try object.encodeIfPresent(dice.chance(2) ? inner(&dice) : nil, forKey: key)
        case 3, 4: try object.encode(inner(&dice), forKey: key)
        case 5: try object.encode(inner(&dice), forKey: key)
        case 6:
            let fresh = AnyKey(stringValue: "n\(dice.next())")
            var nested = object.nestedContainer(keyedBy: AnyKey.self, forKey: fresh)
            for _ in 0..<dice.below(3) { try member(&dice, &nested) }
            if dice.chance(4) {
                try member(&dice, &object)
                if dice.chance(2) { try member(&dice, &nested) }
            }
        case 7:
            let fresh = AnyKey(stringValue: "n\(dice.next())")
            var nested = object.nestedUnkeyedContainer(forKey: fresh)
            for _ in 0..<dice.below(3) { try element(&dice, &nested) }
            if dice.chance(4) {
                try member(&dice, &object)
                if dice.chance(2) { try element(&dice, &nested) }
            }
        case 8 where dice.chance(4):
            try inner(&dice).encode(to: dice.chance(2) ? object.superEncoder() : object.superEncoder(forKey: key))
        case 9 where dice.chance(9): try object.encode(object.codingPath.count, forKey: key)
        default:
            let container = Box(object)
            try scalar(&dice) { try container.object.encode($0, forKey: key) }
        }
    }

    private func element(_ dice: inout Dice, _ array: inout any UnkeyedEncodingContainer) throws {
        switch dice.below(10) {
        case 0: try array.encodeNil()
        case 1: try array.encode(array.count)
        case 2: try array.encode(contentsOf: [1, 2])
        case 3: try array.encode(inner(&dice))
        case 4: try array.encode(inner(&dice))
        case 5:
            var nested = array.nestedContainer(keyedBy: AnyKey.self)
            for _ in 0..<dice.below(3) { try member(&dice, &nested) }
            if dice.chance(4) {
                try element(&dice, &array)
                if dice.chance(2) { try member(&dice, &nested) }
            }
        case 6:
            var nested = array.nestedUnkeyedContainer()
            for _ in 0..<dice.below(3) { try element(&dice, &nested) }
        case 7 where dice.chance(4): try inner(&dice).encode(to: array.superEncoder())
        case 8 where dice.chance(9): try array.encode(array.codingPath.count)
        default:
            var copy = array
            try scalar(&dice) { try copy.encode($0) }
            array = copy
        }
    }

    private final class Box {
        var object: KeyedEncodingContainer<AnyKey>
        init(_ object: KeyedEncodingContainer<AnyKey>) { self.object = object }
    }
}
