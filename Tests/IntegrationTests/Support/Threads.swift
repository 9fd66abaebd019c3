import SwiftLibMC
import TestSupport

/// Runs `body` on several threads at once, each with a clone of `client` of its own, and waits for all of them.
///
/// Threads, because tasks would not run side by side on a machine with one core or two.
func onThreads(
    _ count: Int,
    cloning client: Client,
    _ body: @escaping @Sendable (_ number: Int, _ client: Client) throws -> Void
) throws {
    let pool = try ThreadMappedPool(cloning: client)
    try onThreads(count) { number in
        try pool.withClient { client in try body(number, client) }
    }
}
