import Foundation
import TestSupport

/// A value of which there are any number.
protocol Random: Codable, Equatable {
    static func random(_ dice: inout Dice) -> Self
}

struct Plain: Random {
    var id: Int
    var name: String
    var tags: [String]
    var score: Double
    static func random(_ dice: inout Dice) -> Self {
        Plain(
            id: dice.integer(),
            name: dice.text(),
            tags: (0..<dice.below(4)).map { _ in dice.text() },
            score: dice.finite()
        )
    }
}

struct Numbers: Random {
    var a: Int8, b: Int16, c: Int32, d: Int64, e: UInt8, f: UInt16, g: UInt32, h: UInt64, i: UInt, j: Int128, k: UInt128
    var l: Float, m: Double, n: Bool, o: [Int], p: [Double], q: [Float], r: [UInt8], u: Int128?, v: [UInt128]
    var w: [String: UInt128], s: [[Int16]], t: [Bool]

    static func random(_ dice: inout Dice) -> Self {
        func some<T>(_ make: (inout Dice) -> T) -> [T] { (0..<dice.below(4)).map { _ in make(&dice) } }
        let float = Float(dice.finite())
        return Numbers(
            a: dice.integer(),
            b: dice.integer(),
            c: dice.integer(),
            d: dice.integer(),
            e: dice.integer(),
            f: dice.integer(),
            g: dice.integer(),
            h: dice.integer(),
            i: dice.integer(),
            j: dice.integer(),
            k: dice.integer(),
            l: float.isFinite ? float : 2.5,
            m: dice.finite(),
            n: dice.chance(2),
            o: some { $0.integer() },
            p: some { $0.finite() },
            q: some { _ in 0.1 },
            r: some { $0.integer() },
            u: dice.chance(2) ? dice.integer() : nil,
            v: some { $0.integer() },
            w: ["a": dice.integer()],
            s: some { [$0.integer()] },
            t: some { $0.chance(2) }
        )
    }
}

struct Maybes: Random {
    var a: Int?
    var b: String?
    var c: Double?
    var d: Bool?
    var e: [Int?] = []
    var f: Plain?
    var g: [String: Int?] = [:]
    var i: UInt8?
    var j: Float?
    var k: Date?
    var l: Int128?

    static func random(_ dice: inout Dice) -> Self {
        func maybe<T>(_ value: T) -> T? { dice.chance(2) ? value : nil }
        return Maybes(
            a: maybe(dice.integer()),
            b: maybe(dice.text()),
            c: maybe(dice.finite()),
            d: maybe(true),
            e: [maybe(1), maybe(2)],
            f: maybe(Plain.random(&dice)),
            g: [dice.text(): dice.below(9), "n": nil],
            i: maybe(3),
            j: maybe(0.5),
            k: maybe(Date(timeIntervalSinceReferenceDate: dice.finite())),
            l: maybe(dice.integer())
        )
    }
}
struct Foundations: Random {
    var a: Date, b: Data, c: URL, d: Decimal, e: UUID, f: [Date], g: [String: Data], h: [Decimal], i: URL?, j: [Data?]
    var k: ClosedRange<Int>, l: Set<String>, m: DateInterval
    static func random(_ dice: inout Dice) -> Self {
        let date = Date(timeIntervalSinceReferenceDate: dice.finite())
        let bytes = Data((0..<dice.below(9)).map { _ in dice.integer() as UInt8 })
        let decimal = Decimal(
            string: dice.one(of: [
                "0", "-1.5", "1234567890.123456789012345678901234567", "1e20", "1e-100",
                "99999999999999999999999999999999999999",
            ])
        )!
        return Foundations(
            a: date,
            b: bytes,
            c: URL(string: dice.one(of: ["https://a.b/c?d=e#f", "file:///x%20y", "rel/ative", "http://ä.de/é"]))!,
            d: decimal,
            e: UUID(uuidString: "E621E1F8-C36C-495A-93FC-0C247A3E6E5F")!,
            f: [date],
            g: [dice.word(): bytes],
            h: [decimal],
            i: dice.chance(2) ? URL(string: "x://y") : nil,
            j: [bytes, nil],
            k: 0...dice.below(9),
            l: [dice.text()],
            m: DateInterval(start: Date(timeIntervalSinceReferenceDate: 5), duration: Double(dice.below(99)))
        )
    }
}

indirect enum Tree: Random {
    case leaf
    case number(Int)
    case pair(left: Tree, right: Tree)
    case many([Tree], named: [String: Tree])
    static func random(_ dice: inout Dice) -> Self { random(&dice, 4) }
    private static func random(_ dice: inout Dice, _ depth: Int) -> Self {
        switch depth == 0 ? dice.below(2) : dice.below(4) {
        case 0: .leaf
        case 1: .number(dice.integer())
        case 2: .pair(left: random(&dice, depth - 1), right: random(&dice, depth - 1))
        default:
            .many(
                (0..<dice.below(3)).map { _ in random(&dice, depth - 1) },
                named: Dictionary(uniting: (0..<dice.below(3)).map { _ in (dice.word(), random(&dice, depth - 1)) })
            )
        }
    }
}

struct Dictionaries: Random {
    enum Colour: String, Codable, CodingKeyRepresentable { case red, green }
    struct Name: RawRepresentable, Hashable, Codable { var rawValue: String }
    var a: [String: String], b: [Int: String], c: [Colour: Int], d: [Name: Int], e: [String: [String: Plain]],
        f: [String: Int], g: [UInt8: Bool]
    static func random(_ dice: inout Dice) -> Self {
        func words<T>(_ count: Int, _ make: (inout Dice) -> T) -> [String: T] {
            Dictionary(uniting: (0..<count).map { _ in (dice.word(), make(&dice)) })
        }
        return Dictionaries(
            a: words(dice.below(5)) { $0.text() },
            b: dice.chance(2) ? [dice.integer(): "y"] : [:],
            c: [.red: 1, .green: dice.below(4)],
            d: [Name(rawValue: dice.text()): 3],
            e: words(2) { _ in [:] },
            f: words(dice.below(60)) { $0.below(5) },
            g: [1: true]
        )
    }
}

class Base: Codable {
    var id: Int
    init(id: Int) { self.id = id }
}
final class Derived: Base, Random {
    var name: String
    var style: Int
    private enum CodingKeys: String, CodingKey { case name, style }
    init(id: Int, name: String, style: Int) {
        self.name = name
        self.style = style
        super.init(id: id)
    }
    required init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        name = try container.decode(String.self, forKey: .name)
        style = try container.decode(Int.self, forKey: .style)
        if style == 0 { try super.init(from: decoder) } else { try super.init(from: container.superDecoder()) }
    }
    override func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(name, forKey: .name)
        if style == 0 { try super.encode(to: encoder) } else { try super.encode(to: container.superEncoder()) }
        try container.encode(style, forKey: .style)
    }
    static func == (a: Derived, b: Derived) -> Bool { a.id == b.id && a.name == b.name && a.style == b.style }
    static func random(_ dice: inout Dice) -> Derived {
        Derived(id: dice.integer(), name: dice.text(), style: dice.below(2))
    }
}

/// A value that is what it can be.
enum Anything: Random {
    case null, bool(Bool), int(Int), double(Double), text(String), array([Anything]), object([String: Anything])

    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if container.decodeNil() {
            self = .null
        } else if let value = try? container.decode(Bool.self) {
            self = .bool(value)
        } else if let value = try? container.decode(Int.self) {
            self = .int(value)
        } else if let value = try? container.decode(Double.self) {
            self = .double(value)
        } else if let value = try? container.decode(String.self) {
            self = .text(value)
        } else if let value = try? container.decode([Anything].self) {
            self = .array(value)
        } else {
            self = .object(try container.decode([String: Anything].self))
        }
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        switch self {
        case .null: try container.encodeNil()
        case .bool(let value): try container.encode(value)
        case .int(let value): try container.encode(value)
        case .double(let value): try container.encode(value)
        case .text(let value): try container.encode(value)
        case .array(let value): try container.encode(value)
        case .object(let value): try container.encode(value)
        }
    }

    static func random(_ dice: inout Dice) -> Self { random(&dice, 3) }
    static func random(_ dice: inout Dice, _ depth: Int) -> Self {
        switch depth == 0 ? dice.below(5) : dice.below(8) {
        case 0: .null
        case 1: .bool(dice.chance(2))
        case 2: .int(dice.integer())
        case 3: .double(dice.finite())
        case 4: .text(dice.text())
        case 5: .array((0..<dice.below(4)).map { _ in random(&dice, depth - 1) })
        default:
            .object(Dictionary(uniting: (0..<dice.below(4)).map { _ in (dice.word(), random(&dice, depth - 1)) }))
        }
    }
}
