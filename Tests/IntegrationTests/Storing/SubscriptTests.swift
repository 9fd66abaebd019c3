import SwiftLibMC
import TestSupport
import Testing

/// The forgiving face of the client: pylibmc's mapping.
@Suite("Subscripts", .timeLimit(.minutes(5)))
struct SubscriptTests {
    @Test(arguments: Route.allCases)
    func readWriteAndDelete(_ route: Route) throws {
        let client = try route.client()
        let log = ErrorLog(of: client)
        let key = uniqueKey()
        #expect(client[key] == nil as Int?)
        client[key] = 5
        #expect(client[key] == 5)
        #expect(try client.get(key) == 5)
        client[key] = "text"
        #expect(client[key] == "text")
        client[key] = Person.ada
        #expect(client[key] == Person.ada)
        client[key] = nil
        #expect(try !client.contains(key))
        client[key] = nil
        #expect(log.take().isEmpty)
    }

    @Test(arguments: Route.protocols)
    func aVariableThatIsNilDeletes(_ route: Route) throws {
        let client = try route.client()
        let key = uniqueKey()
        client[key] = 5
        let nothing: Int? = nil
        client[key] = nothing
        #expect(try !client.contains(key))
        let something: Int? = 6
        client[key] = something
        #expect(try client.get(key) == 6)
    }

    @Test(arguments: Route.protocols)
    func defaultsStandInForMisses(_ route: Route) throws {
        let client = try route.client()
        let key = uniqueKey()
        #expect(client[key, default: 7] == 7)
        // A default is not stored.
        #expect(try !client.contains(key))
        client[key, default: 0] += 3
        #expect(try client.get(key) == 3)
        client[key, default: 0] += 4
        #expect(client[key, default: 0] == 7)
        client[key, default: ""] = "text"
        #expect(client[key, default: ""] == "text")
    }

    @Test(arguments: Route.protocols)
    func valuesOfOtherTypesAreMissesThatAreReported(_ route: Route) throws {
        let client = try route.client()
        let log = ErrorLog(of: client)
        let key = uniqueKey()
        client[key] = "text"
        #expect(client[key] == nil as Int?)
        #expect(client[key, default: 7] == 7)
        let errors = log.take()
        #expect(errors.map(\.code) == [.deserialization, .deserialization])
        #expect(errors.map(\.key) == [key, key])
        #expect(client[key] == "text")
    }

    @Test(arguments: Route.protocols)
    func badKeysAreMissesThatAreReported(_ route: Route) throws {
        let client = try route.client()
        let log = ErrorLog(of: client)
        #expect(client[""] == nil as Int?)
        client[""] = 5
        client[""] = nil
        #expect(client["", default: 1] == 1)
        #expect(log.take().map(\.code) == [.badKey, .badKey, .badKey, .badKey])
    }

    @Test(arguments: [true, false])
    func serversThatFailAreMissesThatAreReported(binary: Bool) throws {
        let nobody = try RefusingAddress()
        let client = try Client([nobody.address], binary: binary)
        // Nobody has to listen.
        #expect(client["key"] == nil as String?)
        let log = ErrorLog(of: client)
        #expect(client["key"] == nil as String?)
        client["key"] = 5
        client["key"] = nil
        #expect(client["key", default: 3] == 3)
        let errors = log.take()
        #expect(errors.count == 4)
        #expect(errors.map(\.operation) == ["get", "set", "delete", "get"])
        for error in errors {
            #expect(error.isConnectionFailure)
            #expect(error.key == "key")
            #expect(error.server == client.servers[0])
        }
    }

    @Test(arguments: Route.protocols)
    func allTypesOfKeys(_ route: Route) throws {
        let client = try route.client(.namespace(uniqueKey("ns")))
        client[1] = "one"
        #expect(client[1] == "one")
        #expect(client["1"] == "one")
        client[Array("bytes".utf8)] = 2
        #expect(client["bytes"] == 2)
        client[1] = nil
        #expect(client["1", default: "none"] == "none")
    }
}
