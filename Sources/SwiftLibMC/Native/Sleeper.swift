/// A task that sleeps until somebody wakes it, which has to happen exactly once.
@safe
struct Sleeper: Sendable {
    private let continuation: UnsafeContinuation<Void, Never>

    /// Suspends the calling task and hands it to `body`.
    @inline(__always)
    static func sleep(_ body: (Sleeper) -> Void) async {
        // A checked continuation would cost two more allocations for each command.
        await unsafe withUnsafeContinuation { unsafe body(Sleeper(continuation: $0)) }
    }

    func wake() { unsafe continuation.resume() }
}
