import SwiftLibMC
import TestSupport
import Testing

@Suite("Checking keys")
struct KeyCheckTests {
    private func problem(_ key: some CacheKey, binary: Bool = false, prefix: String? = nil) throws -> KeyProblem? {
        let client = try Client(["127.0.0.1:1"], binary: binary, behaviors: Behaviors(namespace: "n:"))
        do {
            try client.checkKey(key, keyPrefix: prefix)
            return nil
        } catch {
            #expect(error.code == .badKey)
            #expect(error.operation == "checkKey")
            return error.keyProblem
        }
    }

    @Test func tellsWhatIsWrong() throws {
        #expect(try problem("") == .empty)
        #expect(try problem("", prefix: "") == .empty)
        #expect(try problem("", prefix: "p") == nil)
        #expect(try problem(String(repeating: "k", count: 248)) == nil)
        #expect(try problem(String(repeating: "k", count: 249)) == .tooLong(bytes: 249, limit: 248))
        #expect(try problem("kk", prefix: String(repeating: "p", count: 247)) == .tooLong(bytes: 249, limit: 248))
        #expect(try problem("a b") == .forbiddenByte(0x20, offset: 1))
        #expect(try problem("key\r\n") == .forbiddenByte(0x0D, offset: 3))
        #expect(try problem([UInt8](arrayLiteral: 0x7F)) == .forbiddenByte(0x7F, offset: 0))
        #expect(try problem("b", prefix: "a ") == .forbiddenByte(0x20, offset: 1))
        #expect(try problem("schlüssel") == nil)
        #expect(try problem(42) == nil)
        #expect(try problem(GroupedKey(group: "a group", key: "a key")) == .forbiddenByte(0x20, offset: 1))
    }

    @Test func allowsAnyByteInTheBinaryProtocol() throws {
        #expect(try problem("a b\n\0", binary: true) == nil)
        #expect(try problem("", binary: true) == .empty)
    }

    /// Calls say it as well.
    @Test func isDoneByEveryCall() throws {
        let client = try Client(["127.0.0.1:1"], binary: false)
        let error = try #require(throws: MemcachedError.self) { try client.get("a b", as: String.self) }
        #expect(error.keyProblem == .forbiddenByte(0x20, offset: 1))
        let multi = try #require(throws: MemcachedError.self) { try client.setMulti(["": 1]) }
        #expect(multi.keyProblem == .empty)
    }
}
