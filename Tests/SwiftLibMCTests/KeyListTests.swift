import Testing

@testable import SwiftLibMC

/// The keys of a multi-key call, as they are packed before anything is sent.
@Suite struct KeyListTests {
    private let rules = KeyRules(maximumLength: 10, isText: true)

    private func texts(_ list: KeyList) -> [String] { list.indices.map(list.text) }

    @Test func keysAreKeptInOrder() throws {
        let keys = (0..<1000).map { "key \($0)".filter { $0 != " " } } + [String(repeating: "k", count: 10), "é"]
        let list = KeyList(.getMulti, rules: rules, prefix: nil, count: 0)
        try list.append(contentsOf: keys)
        #expect(texts(list) == keys)
        #expect(list.byteCount == keys.reduce(0) { $0 + $1.utf8.count })
    }

    @Test func prefixesGoInFront() throws {
        let list = KeyList(.getMulti, rules: rules, prefix: "p:", count: 3)
        try list.append(contentsOf: ["a", "b"])
        try "c".withRawSpan { key throws(MemcachedError) in try list.append(key) }
        #expect(texts(list) == ["p:a", "p:b", "p:c"])
        #expect(list.indices.map(list.callersText) == ["a", "b", "c"])
    }

    @Test(arguments: [nil, "p:"]) func aBadKeyIsNotAdded(prefix: String?) throws {
        for bad in [prefix == nil ? "" : "\t", "a b", "ends\n", String(repeating: "k", count: 11)] {
            let list = KeyList(.getMulti, rules: rules, prefix: prefix, count: 3)
            try list.append(contentsOf: ["first"])
            let error = #expect(throws: MemcachedError.self) { try list.append(contentsOf: [bad, "second"]) }
            #expect(error?.code == .badKey)
            #expect(error?.key == bad)
            // Whoever goes on in spite of it must not find keys in the places of others.
            try list.append(contentsOf: ["third"])
            #expect(list.indices.map(list.callersText) == ["first", "third"])
        }
    }
}
