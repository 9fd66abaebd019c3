import SwiftLibMC

func typedCatch(_ client: Client) {
    do {
        try client.set("a", 1)
    } catch {
        print(error.code.rawValue)
    }
}
