// expect: initializer is inaccessible
import SwiftLibMC

func seedMade() {
    _ = Client.Seed(servers: [])
}
