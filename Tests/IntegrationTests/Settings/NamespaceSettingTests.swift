import SwiftLibMC
import TestSupport
import Testing

/// The behavior `namespace`, put on and taken off.
@Suite("Namespace", .timeLimit(.minutes(2)))
struct NamespaceSettingTests {
    @Test(arguments: Route.protocols)
    func anEmptyOneIsNone(_ route: Route) throws {
        let key = uniqueKey()
        let plain = try route.client()
        let client = try route.client(Behaviors(namespace: ""))
        #expect(client.behaviors.namespace == nil)
        try client.set(key, 1)
        #expect(try plain.get(key) == 1)
    }

    @Test(arguments: Route.protocols)
    func isTakenOffAgain(_ route: Route) throws {
        let key = uniqueKey()
        let plain = try route.client()
        let client = try route.client(Behaviors(namespace: "n:"))
        try client.set(key, 1)
        #expect(try plain.get("n:\(key)") == 1)
        try client.setBehaviors(Behaviors(namespace: ""))
        #expect(client.behaviors.namespace == nil)
        try client.set(key, 2)
        #expect(try plain.get(key) == 2)
        #expect(try client.clone().get(key) == 2)
        #expect(try client.set(String(repeating: "k", count: 250), 1))

        try client.setBehaviors(Behaviors(["namespace": "m:"]))
        #expect(client.behaviors.namespace == "m:")
        try client.setBehaviors(Behaviors(["namespace": ""]))
        #expect(try client.get(key) == 2)
        // What is silent about it leaves it alone.
        try client.setBehaviors(Behaviors(namespace: "m:"))
        try client.setBehaviors(Behaviors(tcpNodelay: true))
        #expect(client.behaviors.namespace == "m:")
    }

    @Test func settingsLaidOverOthersTakeItOff() {
        let merged = Behaviors(namespace: "n:").merging(Behaviors(namespace: ""))
        #expect(merged.namespace == "")
    }
}
