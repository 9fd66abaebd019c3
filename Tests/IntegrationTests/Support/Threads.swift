import Foundation
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
    let failure = Locked<(any Error)?>(nil)
    let group = DispatchGroup()
    for number in 0..<count {
        let handover = Handover(try client.clone())
        group.enter()
        Thread.detachNewThread {
            defer { group.leave() }
            do {
                try body(number, handover.client)
            } catch {
                failure.withLock { $0 = $0 ?? error }
            }
        }
    }
    group.wait()
    if let error = failure.withLock({ $0 }) { throw error }
}

/// A client on its way to another thread.
private struct Handover: @unchecked Sendable {
    // Sendable because the sender gives the client away, and only one thread receives it.
    let client: Client

    init(_ client: sending Client) { self.client = client }
}
