import Foundation
import TestSupport
import Testing

@testable import SwiftLibMC

/// Formats as a setting of the client, against a real server.
@Suite("Client formats")
struct ClientFormatTests {
    static let formats: [ValueFormat] = [
        .pylibmc, .pythonMemcached, .pymemcache, .bmemcached, .php, .dalli, .dalli(.fastPath), .spymemcached, .raw,
    ]

    private func client(_ format: ValueFormat, binary: Bool = true) throws -> Client {
        var behaviors = Behaviors.default
        behaviors.pollTimeout = .seconds(10)
        let client = try Client([MemcachedServer.shared(.tcp).address], binary: binary, behaviors: behaviors)
        client.format = format
        return client
    }

    @Test(arguments: formats, [true, false])
    func everyOperationUsesTheFormat(format: ValueFormat, binary: Bool) throws {
        let client = try client(format, binary: binary)
        let key = uniqueKey()
        #expect(try client.set(key, "ü"))
        #expect(try client.item(key).map(payload) == format.encode("ü"))
        #expect(try client.replace(key, [1, 2] as [UInt8]))
        #expect(try client.item(key).map(payload) == format.encode([1, 2] as [UInt8]))
        #expect(try client.get(key) == [1, 2] as [UInt8])
        #expect(try client.get(key) == Data([1, 2]))
        let token = try #require(try client.gets(key, as: [UInt8].self)).cas
        #expect(try client.cas(key, -5, cas: token))
        #expect(try client.item(key).map(payload) == format.encode(-5))
        #expect(try client.get(key) == -5)
        #expect(try client.decode(try #require(try client.item(key))) == -5)
        #expect(try client.delete(key))
        #expect(try client.add(key, true))
        #expect(try client.get(key) == true)
        #expect(try client.withBytes(key) { Array(copying: $0) } == format.encode(true).bytes)
    }

    @Test(arguments: formats)
    func multiKeyCallsUseTheFormat(format: ValueFormat) throws {
        let client = try client(format)
        let keys = uniqueKeys(20)
        #expect(try client.setMulti(Dictionary(uniqueKeysWithValues: keys.map { ($0, "v\($0)") })) == [])
        #expect(try client.item(keys[3]).map(payload) == format.encode("v\(keys[3])"))
        #expect(
            try client.getMulti(keys, as: String.self) == Dictionary(uniqueKeysWithValues: keys.map { ($0, "v\($0)") })
        )
        #expect(try client.getMultiArray(keys, as: String.self) == keys.map { "v\($0)" })
        let mixed: [String: any Encodable] = [keys[0]: 1, keys[1]: "x", keys[2]: [1, 2]]
        #expect(try client.setMulti(mixed) == [])
        #expect(try client.get(keys[0]) == 1)
        #expect(try client.get(keys[2]) == [1, 2])
    }

    @Test(arguments: formats)
    func valuesAreCompressedTheFamilysWay(format: ValueFormat) throws {
        let client = try client(format)
        client.compression = Compression(minLength: 100)
        let keys = uniqueKeys(3)
        let text = Long.lines
        #expect(try client.set(keys[0], text))
        #expect(try client.setMulti([keys[1]: text]) == [])
        #expect(try client.set(keys[2], "x"))
        let token = try #require(try client.gets(keys[2], as: String.self)).cas
        #expect(try client.cas(keys[2], text, cas: token))
        for key in keys {
            let item = try #require(try client.item(key))
            let plain = try format.encode(text)
            let start = Array(item.bytes.prefix(6))
            switch format {
            case .raw:
                #expect(payload(item) == plain)
            case .php:
                #expect(item.flags == Flags(rawValue: 0x30))
                #expect(start == [0x72, 0x2E, 0, 0, 0x78, 0x9C])
            case .spymemcached:
                #expect(item.flags == Flags(rawValue: 2))
                #expect(start.prefix(2) == [0x1F, 0x8B])
            case .dalli, .dalli(.fastPath):
                #expect(item.flags == plain.flags.union(Flags(rawValue: 2)))
                #expect(start.prefix(2) == [0x78, 0x9C])
            default:
                #expect(item.flags == plain.flags.union(.zlib))
                #expect(start.prefix(2) == [0x78, 0x9C])
            }
        }
        #expect(try keys.map { try client.get($0) } == [text, text, text])
        #expect(try client.getMultiArray(keys) == [text, text, text])
        #expect(try client.getMultiArray(keys, as: Data.self) == [Data](repeating: Data(text.utf8), count: 3))
        #expect(try client.withBytes(keys[0]) { $0.byteCount } == text.utf8.count)
        #expect(try client.decode(try #require(try client.item(keys[1]))) == text)
    }

    /// With the length before it, a value that barely shrinks is not smaller any more.
    @Test func whatDoesNotShrinkIsStoredAsItIs() throws {
        let client = try client(.php)
        let key = uniqueKey()
        let bytes = Long.noise(500)
        #expect(try client.set(key, bytes, minCompressLen: 1))
        #expect(try client.item(key).map(payload) == Payload(bytes: bytes, flags: .bytes))
    }

    @Test func theLimitOfInflationHolds() throws {
        for format in Self.formats where format != .raw {
            let client = try client(format)
            client.maxInflatedBytes = 1000
            let key = uniqueKey()
            #expect(try client.set(key, Long.lines, minCompressLen: 1))
            let error = #expect(throws: MemcachedError.self) { try client.get(key, as: String.self) }
            #expect(error?.code == .deserialization)
            #expect(error?.key == key)
        }
    }

    @Test func clonesHaveTheFormat() throws {
        let client = try client(.php)
        let key = uniqueKey()
        let copy = try client.clone()
        #expect(copy.format == .php)
        #expect(try copy.set(key, 5))
        #expect(try client.item(key)?.flags == Flags(rawValue: 1))
    }

    @Test func theFormatCanBeChangedAtAnyTime() throws {
        let client = try client(.pylibmc)
        let key = uniqueKey()
        try client.set(key, "a")
        #expect(try client.item(key)?.flags == .text)
        client.format = .bmemcached
        try client.set(key, "a")
        #expect(try client.item(key)?.flags == .bytes)
        client.format = .pylibmc
        #expect(client.bypassesHooks)
        try client.set(key, "a")
        #expect(try client.item(key)?.flags == .text)
    }

    @Test func foreignObjectsSayWhatTheyAre() throws {
        let client = try client(.pylibmc)
        let key = uniqueKey()
        try client.set(key, [0x80, 0x05, 0x4E, 0x2E] as [UInt8])
        // A pickle's flag can only come from another client.
        let pickled = try #require(try client.item(key))
        let item = Item(key: pickled.key, bytes: pickled.bytes, flags: .pickle, cas: pickled.cas)
        let error = #expect(throws: MemcachedError.self) { try client.decode(item, as: Int.self) }
        #expect(error?.code == .deserialization)
        #expect(error?.detail.contains("flags 1") == true)
    }

    @Test func aSubclassKeepsItsOwnFormat() throws {
        let client = try Shouting([MemcachedServer.shared(.tcp).address])
        client.format = .php
        let key = uniqueKey()
        try client.set(key, "a")
        #expect(try client.item(key).map(payload) == Payload(bytes: [65], flags: Flags(rawValue: 0)))
        #expect(try client.get(key) == "A!")
        #expect(!client.bypassesHooks)
    }

    @Test func valuesWithoutAFormAreSerializationErrors() throws {
        let client = try client(.dalli)
        let error = #expect(throws: MemcachedError.self) { try client.set(uniqueKey(), Int?.none) }
        #expect(error?.code == .serialization)
    }

    private func payload(_ item: Item) -> Payload { Payload(bytes: item.bytes, flags: item.flags) }
}

/// A client with hooks of its own, on top of the format's.
private final class Shouting: Client {
    override func serialize<V: Encodable>(_ value: V) throws -> Payload {
        var payload = try super.serialize(value)
        payload.bytes = Array(String(decoding: payload.bytes, as: UTF8.self).uppercased().utf8)
        return payload
    }

    override func deserialize<V: Decodable>(_ bytes: RawSpan, flags: Flags, as type: V.Type) throws -> V {
        let louder = Array(copying: bytes) + [33]
        return try louder.withRawSpan { try super.deserialize($0, flags: flags, as: type) }
    }
}
