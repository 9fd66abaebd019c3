import Foundation

/// A value that asks a decoder for everything, with errors or without.
struct Probe: Decodable, Equatable {
    var findings: [String] = []

    init(from decoder: any Decoder) throws { try look(decoder, 3) }

    mutating func look(_ decoder: any Decoder, _ depth: Int) throws {
        findings.append("users \(decoder.userInfo.count)")
        let single = try decoder.singleValueContainer()
        if single.decodeNil() { findings.append("nil"); return }
        if let object = try? decoder.container(keyedBy: AnyKey.self) {
            for key in object.allKeys.sorted(by: { $0.stringValue < $1.stringValue }) {
                findings.append(
                    "key \(Array(key.stringValue.utf8)) \(object.contains(key)) \(try object.decodeNil(forKey: key))"
                )
                if depth > 0, try !object.decodeNil(forKey: key) {
                    try object.decode(Wrapped.self, forKey: key).add(&self)
                }
            }
            findings.append(
                "more \(object.contains(AnyKey(stringValue: "id"))) \(object.contains(AnyKey(stringValue: "\u{212A}")))"
            )
        } else if var array = try? decoder.unkeyedContainer() {
            findings.append("count \(array.count ?? -1) \(array.isAtEnd) \(array.currentIndex)")
            while !array.isAtEnd {
                if try array.decodeNil() { findings.append("nil at \(array.currentIndex)"); continue }
                if depth > 0 { try array.decode(Wrapped.self).add(&self) } else { _ = try array.decode(Skipped.self) }
            }
        } else if let text = try? single.decode(String.self) {
            findings.append("text \(Array(text.utf8))")
        } else if let bool = try? single.decode(Bool.self) {
            findings.append("\(bool)")
        } else {
            if let number = try? single.decode(Int.self) { findings.append("\(number)") }
            if let number = try? single.decode(UInt64.self) { findings.append("\(number)") }
            if let number = try? single.decode(Int8.self) { findings.append("\(number)") }
            if let number = try? single.decode(Double.self) { findings.append("\(number.bitPattern)") }
            if let number = try? single.decode(Float.self) { findings.append("\(number)") }
            if let number = try? single.decode(Decimal.self) { findings.append("\(number)") }
        }
    }

    private struct Skipped: Decodable {}

    private struct Wrapped: Decodable {
        let probe: Probe
        init(from decoder: any Decoder) throws { probe = try Probe(from: decoder) }
        func add(_ other: inout Probe) { other.findings += probe.findings }
    }
}

/// Like a probe, but without mistakes: it knows what to expect by looking at the text of a kind.
struct Careful: Decodable, Equatable {
    var findings: [String] = []

    init(from decoder: any Decoder) throws {
        let object = try decoder.container(keyedBy: AnyKey.self)
        for key in object.allKeys.sorted(by: { $0.stringValue < $1.stringValue }) {
            findings.append("\(Array(key.stringValue.utf8)): \(try object.decodeNil(forKey: key))")
        }
        for key in ["a", "b", "id", "name", "ä", "a\u{308}", "K", "\u{212A}", "", "\""] {
            findings.append("\(key) \(object.contains(AnyKey(stringValue: key)))")
        }
    }
}
