// expect: risks causing data races
import SwiftLibMC

final class State {
    var number = 0
}

class SharingClient: Client {
    var state = State()

    override func clone() throws(MemcachedError) -> sending Self {
        let copy = try super.clone()
        copy.state = state
        return copy
    }
}
