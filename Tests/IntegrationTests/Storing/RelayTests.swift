import SwiftLibMC
import TestSupport
import Testing

/// `addMulti`, `replaceMulti` and `touchMulti` in the binary protocol, which read older replies than their own.
@Suite("Relayed writes", .memcachedCluster(count: 3))
struct RelayTests {
    private func makeClient(_ serverCount: Int) throws -> Client {
        let addresses = try #require(MemcachedCluster.current).addresses.prefix(serverCount)
        return try Client(Array(addresses), behaviors: Behaviors(pollTimeout: .seconds(10)))
    }

    /// Around the number of requests that are under way at a time, and around the longest flight.
    private static let counts = [1, 2, 3, 63, 64, 65, 66, 130, 200, 201, 700]

    @Test(.hazard(9, 15), arguments: [1, 3], counts)
    func everyKeyHasItsOwnStatus(serverCount: Int, count: Int) throws {
        let client = try makeClient(serverCount)
        let keys = uniqueKeys(count)
        let existing = Set(keys.enumerated().filter { $0.offset % 3 == 1 }.map(\.element))
        #expect(try client.setMulti(Dictionary(uniqueKeysWithValues: existing.map { ($0, "old") })).isEmpty)
        let new = Dictionary(uniqueKeysWithValues: keys.map { ($0, "new \($0)") })

        #expect(Set(try client.replaceMulti(new)) == Set(keys).subtracting(existing))
        #expect(Set(try client.touchMulti(keys, time: 1000)) == Set(keys).subtracting(existing))
        #expect(Set(try client.addMulti(new)) == existing)
        #expect(try client.getMulti(keys) == new)
        // Nothing is left over for the next command to read.
        #expect(try client.add(uniqueKey(), 1))
        #expect(try !client.delete(uniqueKey()))
    }

    @Test(arguments: [1, 3], [0, 40, 150, 299])
    func tooLargeAValueFailsAlone(serverCount: Int, place: Int) throws {
        let client = try makeClient(serverCount)
        let keys = uniqueKeys(300)
        var values = Dictionary(uniqueKeysWithValues: keys.map { ($0, Array("value of \($0)".utf8)) })
        values[keys[place]] = [UInt8](repeating: 1, count: 2 << 20)

        #expect(try client.addMulti(values) == [keys[place]])
        values[keys[place]] = nil
        #expect(try client.getMulti(keys) == values)
        #expect(try !client.delete(uniqueKey()))
    }

    @Test func aServerThatDiesOnTheWayIsAnErrorAndNoDesynchronisation() throws {
        let servers = try [MemcachedServer.start(.tcp), MemcachedServer.start(.tcp)]
        let client = try Client(servers.map(\.address), behaviors: Behaviors(pollTimeout: .seconds(2)))
        let keys = uniqueKeys(400)
        let values = Dictionary(uniqueKeysWithValues: keys.map { ($0, "value of \($0)") })
        #expect(try client.addMulti(values).isEmpty)

        servers[0].kill()
        let lost = try keys.filter { try client.server(for: $0) == client.servers[0] }
        #expect(Set(try client.touchMulti(keys, time: 100)) == Set(lost))
        try servers[0].restart()
        // The items of the server that was started anew are gone; the others exist.
        #expect(Set(try client.addMulti(values)).isSuperset(of: Set(keys).subtracting(lost)))
        for key in keys.prefix(50) {
            let value = try client.get(key, as: String.self)
            #expect(value == nil || value == values[key])
        }
    }
}
