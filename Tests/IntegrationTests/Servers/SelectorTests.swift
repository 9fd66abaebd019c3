import Testing

@testable import SwiftLibMC

/// The choices of selectors among servers that need not be there, compared with those of the Python libraries.
@Suite("Selectors")
struct SelectorTests {
    /// What Python's libraries answered: the first choices, and the check sum of all of them as digits.
    struct Recording {
        var start: String
        var checksum: UInt32
    }

    private static let keys = (0..<2000).map { "key-\($0)" }

    private func choices(_ selector: some ServerSelector, _ servers: [String], _ keys: [String]) throws -> String {
        let choose = selector.chooser(among: try servers.map { try Server(parsing: $0) })
        return keys.map { String(choose(unsafe $0.utf8.span.bytes)) }.joined()
    }

    @Test(arguments: [
        (
            RendezvousSelector(), ["10.0.0.1:11211", "10.0.0.2:11211", "cache.example.com:11212"], "key-",
            Recording(start: "001110011120200010112011210121", checksum: 2_679_617_305)
        ),
        (
            RendezvousSelector(), ["10.0.0.1:11211", "10.0.0.2:11211", "cache.example.com:11212"], "ключ-é-",
            Recording(start: "111110101001201211022210101110", checksum: 1_773_740_730)
        ),
        (
            RendezvousSelector(seed: 7), ["[::1]:11211", "/run/memcached.sock", "a:1"], "key-",
            Recording(start: "211201221011101002121201222202", checksum: 3_576_923_596)
        ),
    ])
    func rendezvousIsThatOfPymemcache(
        selector: RendezvousSelector,
        servers: [String],
        prefix: String,
        recording: Recording
    ) throws {
        let choices = try choices(selector, servers, (0..<2000).map { "\(prefix)\($0)" })
        #expect(choices.hasPrefix(recording.start))
        #expect(CRC32.checksum(choices.utf8) == recording.checksum)
    }

    @Test(arguments: [
        (
            ["10.0.0.1:11211", "10.0.0.2:11211:3", "10.0.0.3:11211:2"],
            Recording(start: "221211111111200101122201221011", checksum: 1_551_503_238)
        ),
        (
            ["10.0.0.1:11211", "10.0.0.2:11211", "10.0.0.3:11211"],
            Recording(start: "210120202112200101221201210012", checksum: 1_036_419_065)
        ),
    ])
    func bucketsAreThoseOfPythonMemcached(servers: [String], recording: Recording) throws {
        let choices = try choices(PythonMemcachedSelector(), servers, Self.keys)
        #expect(choices.hasPrefix(recording.start))
        #expect(CRC32.checksum(choices.utf8) == recording.checksum)
    }

    @Test(arguments: [
        (Memcached2Selector.Method.remainder, 2, UInt32(1_992_989_313)), (.remainder, 3, 1_837_499_584),
        (.remainder, 5, 488_390_140), (.consistent, 2, 253_917_739), (.consistent, 3, 2_304_319_660),
        (.consistent, 5, 787_236_916),
    ])
    func methodsAreThoseOfMemcached2(method: Memcached2Selector.Method, count: Int, checksum: UInt32) throws {
        let keys = Self.keys + (0..<20000).map { "\($0)" }
        let choices = try choices(Memcached2Selector(method), (0..<count).map { "10.0.0.\($0):11211" }, keys)
        #expect(CRC32.checksum(choices.utf8) == checksum)
    }

    /// One key in 32768 tells memcached2's hash from that of python-memcached.
    @Test func memcached2HashesNoKeyToZero() throws {
        let servers = ["10.0.0.1", "10.0.0.2", "10.0.0.3"]
        #expect(try choices(Memcached2Selector(), servers, ["z37384"]) == "1")
        #expect(try choices(PythonMemcachedSelector(), servers, ["z37384"]) == "0")
    }

    @Test func orderAndWeightsDoNotMatterToRendezvous() throws {
        let keys = Array(Self.keys.prefix(200))
        let some = try choices(RendezvousSelector(), ["a:1", "b:2", "c:3"], keys)
        let others = try choices(RendezvousSelector(), ["c:3", "a:1:5", "b:2"], keys)
        let renamed: [Character: Character] = ["0": "1", "1": "2", "2": "0"]
        #expect(String(some.compactMap { renamed[$0] }) == others)
    }

    @Test func murmur3IsTheReferencesOne() {
        func hash(_ text: String, seed: UInt32 = 0) -> UInt32 {
            var hash = Murmur3(seed: seed)
            hash.combine(text.utf8)
            return hash.value
        }
        let texts = ["", "a", "ab", "abc", "abcd", "abcde"]
        #expect(
            texts.map { hash($0) } == [0, 1_009_084_850, 2_613_040_991, 3_017_643_002, 1_139_631_978, 3_902_511_862]
        )
        #expect(hash("hello", seed: 42) == 3_806_057_185)
    }

    @Test func checksumIsTheStandardsOne() {
        #expect(CRC32.checksum("123456789".utf8) == 3_421_780_262)
    }
}
