import Foundation
import Testing

@testable import SwiftLibMC

/// What values print, in logs and as labels of metrics.
@Suite("Descriptions")
struct DescriptionTests {
    typealias Code = MemcachedError.Code

    static let pairs:
        [(value: any CustomDebugStringConvertible & CustomStringConvertible & Sendable, text: String, debug: String)] =
            [
                (Code.timeout, "timeout", "timeout (31)"),
                (Code.badKey, "badKey", "badKey (10002)"),
                (Code(rawValue: 77), "code77", "code77 (77)"),
                (Flags.bytes, "bytes", "bytes (0)"),
                (Flags.json, "json", "json (65536)"),
                ([.text, .zlib] as Flags, "zlib+text", "zlib+text (24)"),
                (Flags(rawValue: 4 + 32 + 64), "long+96", "long+96 (100)"),
                (Flags(rawValue: 1 << 31), "2147483648", "2147483648 (2147483648)"),
                (CAS(rawValue: 12), "12", "CAS 12"),
                (Expiration.never, "never", "never"),
                (0 as Expiration, "never", "never"),
                (Expiration.now, "now", "now"),
                (Expiration.minutes(2), "in 120 s", "in 120 s"),
                (Expiration.unixTime(2_000_000_000), "at 2033-05-18T03:33:20Z", "at 2033-05-18T03:33:20Z (2000000000)"),
                (Expiration.unixTime(-1), "at 1969-12-31T23:59:59Z", "at 1969-12-31T23:59:59Z (-1)"),
                (
                    Expiration.unixTime(.max), "at 9223372036854775807 s after 1970",
                    "at 9223372036854775807 s after 1970 (9223372036854775807)"
                ),
                (Behaviors(), "no behaviors", "no behaviors"),
                (
                    Behaviors(hash: .md5, ketama: true, connectTimeout: .milliseconds(200)),
                    "hash=md5, ketama=1, connect_timeout=200", "hash=md5, ketama=1, connect_timeout=200 (hash 1)"
                ),
                (Compression(), "never", "never (minLength 0, level -1)"),
                (Compression(minLength: 9, level: 0), "never", "never (minLength 9, level 0)"),
                (
                    Compression(minLength: 9), "from 9 bytes at the default level",
                    "from 9 bytes at the default level (minLength 9, level -1)"
                ),
                (
                    Compression(minLength: 9, level: 2), "from 9 bytes at level 2",
                    "from 9 bytes at level 2 (minLength 9, level 2)"
                ),
                (Payload(bytes: [1, 2, 3], flags: .text), "3 bytes of text", "3 bytes of text (16)"),
                (
                    Item(
                        key: Array("k\n".utf8),
                        bytes: [7],
                        flags: .long,
                        cas: CAS(rawValue: 5),
                        group: Array("g".utf8)
                    ),
                    #""k\n": 1 bytes of long, CAS 5"#, #""k\n": 1 bytes of long (4), CAS 5, group "g""#
                ),
            ]

    @Test("Values print names, and numbers beside them where they are debugged")
    func valuesPrintNames() {
        for (value, text, debug) in Self.pairs {
            #expect("\(value)" == text)
            #expect(String(reflecting: value) == debug)
        }
    }

    @Test("Every code that has a constant has its name")
    func everyCodeHasItsName() throws {
        let source = URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "../../Sources/SwiftLibMC/Errors/MemcachedError+Code.swift")
        let text = try String(contentsOf: source, encoding: .utf8)
        let constants = text.matches(of: /public static let (\w+) = Self\(([\d_]+)\)/)
        #expect(constants.count > 50)
        for constant in constants {
            let number = try #require(UInt32(constant.2.replacing("_", with: "")))
            #expect(Code(rawValue: number).name == constant.1)
        }
        #expect(Set(constants.map(\.1)).count == constants.count)
    }

    @Test("An error that is debugged has the name and the number of its code")
    func errorsNameTheirCode() {
        let error = MemcachedError(code: .tooBig, operation: "set", detail: "too much", key: "k")
        #expect(error.debugDescription == "MemcachedError tooBig (37): set: too much, key \"k\"")
        #expect("error \(error.code)" == "error tooBig")
    }

    @Test("Behaviors print what the environment variable takes")
    func behaviorsCanBeReadBack() throws {
        let behaviors = Behaviors.failover.merging(Behaviors(namespace: "shop:"))
        let client = try Client(environment: nil, variables: ["MEMCACHED_BEHAVIORS": "\(behaviors)"])
        #expect(client.behaviors.namespace == "shop:")
        #expect(client.behaviors.deadTimeout == .seconds(2))
    }
}

/// Errors that a `catch` clause selects by their code.
@Suite("Catching by code")
struct CatchingByCodeTests {
    private struct Other: Error {}

    private func typed(_ code: MemcachedError.Code) throws(MemcachedError) {
        throw MemcachedError(code: code, operation: "set", detail: "")
    }

    private func caught(_ body: () throws -> Void) -> String {
        do {
            try body()
            return "nothing"
        } catch MemcachedError.Code.tooBig {
            return "too big"
        } catch MemcachedError.Code.timeout, MemcachedError.Code.commandTimeout {
            return "too late"
        } catch {
            return "something else"
        }
    }

    @Test func clausesSelectByCode() {
        #expect(caught { try typed(.tooBig) } == "too big")
        #expect(caught { try typed(.timeout) } == "too late")
        #expect(caught { try typed(.commandTimeout) } == "too late")
        #expect(caught { try typed(.badKey) } == "something else")
        #expect(caught { throw Other() } == "something else")
        #expect(caught {} == "nothing")
    }

    @Test func typedClausesSelectByCode() throws {
        func isTooBig(_ code: MemcachedError.Code) throws(MemcachedError) -> Bool {
            do throws(MemcachedError) {
                try typed(code)
                return false
            } catch MemcachedError.Code.tooBig {
                return true
            } catch {
                throw error
            }
        }
        #expect(try isTooBig(.tooBig))
        #expect(throws: MemcachedError.self) { try isTooBig(.badKey) }
    }

    /// Without a last plain `catch`, in a function that throws: where a `where` clause crashes the compiler.
    @Test func noPlainClauseIsNeeded() throws {
        func passing(_ code: MemcachedError.Code) throws -> Bool {
            do {
                try typed(code)
            } catch MemcachedError.Code.tooBig {
                return true
            }
            return false
        }
        #expect(try passing(.tooBig))
        #expect(throws: MemcachedError.self) { try passing(.badKey) }
    }

    @Test func aSwitchMaySelectByCode() {
        let error: any Error = MemcachedError(code: .badKey, operation: "get", detail: "")
        switch error {
        case MemcachedError.Code.badKey: break
        default: Issue.record("not selected")
        }
    }

    /// C0, DEL and C1: what is printed on a terminal or into a log commands nothing there.
    @Test func controlCharactersAreWrittenOut() throws {
        let text = "a\u{1B}[2J\u{7F}\u{85}\u{9B}31m"
        let written = #""a\u{1B}[2J\u{7F}\u{85}\u{9b}31m""#
        var error = MemcachedError(code: .deserialization, operation: "get", detail: "no", key: text)
        #expect("\(error)" == "get of \(written): no")
        #expect(String(reflecting: error).hasSuffix("key \(written)"))
        error.code = .timeout
        #expect(String(reflecting: error).hasSuffix("key \(written)"))
        let key = Array(text.utf8)
        let item = Item(key: key, bytes: [], flags: .bytes, cas: CAS(rawValue: 1), group: key)
        for description in ["\(item)", String(reflecting: item)] {
            #expect(description.hasPrefix(written))
            #expect(description.unicodeScalars.allSatisfy { $0.value >= 0x20 && !(0x7F...0x9F ~= $0.value) })
        }
        let server = #expect(throws: MemcachedError.self) { try Server(parsing: text) }
        #expect(server?.detail.contains(written) == true)
    }
}
