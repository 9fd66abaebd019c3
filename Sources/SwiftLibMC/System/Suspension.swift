/// A task that is suspended until it is resumed, which has to happen exactly once.
@safe
struct Suspension: Sendable {
    private let continuation: UnsafeContinuation<Void, Never>

    /// Suspends the calling task and hands it to `body`.
    @inline(__always)
    static func suspend(_ body: (Suspension) -> Void) async {
        // A checked continuation would cost two more allocations for each command.
        await unsafe withUnsafeContinuation { unsafe body(Suspension(continuation: $0)) }
    }

    func resume() { unsafe continuation.resume() }
}
