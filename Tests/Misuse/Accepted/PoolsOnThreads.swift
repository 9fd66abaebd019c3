import Dispatch
import SwiftLibMC
import Synchronization

func poolsOnThreads(_ client: Client) throws -> [Int?] {
    let pool = try ClientPool(cloning: client, size: 2)
    let threads = try ThreadMappedPool(cloning: client)
    DispatchQueue.concurrentPerform(iterations: 4) { number in
        _ = try? pool.withClient { client in try client.set("a-\(number)", number) }
        try? threads.withClient { client in _ = try client.get("a-\(number)", as: Int.self) }
    }
    // A clone may leave.
    let clone = try pool.withClient { client in Shipped(try client.clone()) }
    return [try pool.withClient { try $0.get("a", as: Int.self) }, try clone.take().get("b", as: Int.self)]
}

final class Shipped: Sendable {
    private let client: Mutex<Client?>

    init(_ client: sending Client) { self.client = Mutex(client) }

    func take() throws -> Client {
        let client = client.withLock { client in
            defer { client = nil }
            return client
        }
        return try client ?? Client(["localhost"])
    }
}
