// expect: A client belongs to one task or thread
import SwiftLibMC

func share<Value: Sendable>(_ value: Value) {}

func sendableRequired(_ client: Client) {
    share(client)
}
