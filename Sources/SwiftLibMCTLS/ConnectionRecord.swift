#if TLS
    internal import Synchronization
    internal import SwiftLibMC

    /// The state of the connections to one server, which clients may query on any thread.
    final class ConnectionRecord: Sendable {
        private enum Phase {
            case connecting
            case handshaking
            case loggingIn
        }

        private struct Failure {
            /// The connection's number.
            let number: Int
            let problem: ConnectionProblem
            /// Whether it says nothing about other open connections.
            var isItsOwn = false
        }

        private struct State {
            /// The latest failure, unless a connection has succeeded since.
            var failure: Failure?
            /// The number of the latest connection from which something may have been sent to the server, and of the
            /// one before it.
            var lastOpened = 0
            var openedBefore = 0
            /// Connections that are not open yet.
            var pending: [Int: (phase: Phase, since: ContinuousClock.Instant)] = [:]
            /// Whether clients are refused until the server can be reached again.
            var isRefusing = false
            var isShutDown = false
        }

        private let count = Atomic(0)
        private let state = Monitor(State())

        /// How many connections have been accepted.
        var connectionCount: Int { count.load(ordering: .acquiring) }

        // MARK: - States of a connection

        /// Notes a new connection of a client.
        ///
        /// - Returns: Its number.
        func accept() -> Int {
            let number = count.add(1, ordering: .acquiringAndReleasing).newValue
            state.withLock { $0.pending[number] = (.connecting, .now) }
            return number
        }

        /// Notes that there is a connection to the server, and TLS begins.
        func connected(_ number: Int) { state.withLock { $0.pending[number]?.phase = .handshaking } }

        /// Notes that there is a TLS connection, and the login begins.
        func loggingIn(_ number: Int) { state.withLock { $0.pending[number]?.phase = .loggingIn } }

        /// Notes that from now on bytes are passed to the server.
        func opened(_ number: Int) {
            state.withLock { state in
                state.pending[number] = nil
                // Connections may have overtaken each other.
                state.openedBefore = max(state.openedBefore, min(state.lastOpened, number))
                state.lastOpened = max(state.lastOpened, number)
            }
        }

        /// Notes that the server has answered, or could be reached.
        func isGood() { state.withLock { $0.failure = nil } }

        /// Notes that a client hung up before there was a connection to the server.
        func gaveUp(_ number: Int) { state.withLock { $0.pending[number] = nil } }

        /// Notes why a connection failed before it was open; to be called before the client can see that.
        ///
        /// - Returns: Whether clients have to be refused from now on, and were not before.
        func failed(_ number: Int, _ problem: ConnectionProblem) -> Bool {
            state.withLock { state in
                state.pending[number] = nil
                state.failure = Failure(number: number, problem: problem)
                guard !state.isRefusing, !state.isShutDown else { return false }
                state.isRefusing = true
                return true
            }
        }

        /// Notes that the server has refused a connection to which something was passed already, but has read none of
        /// it.
        func rejected(_ number: Int, _ problem: ConnectionProblem) {
            state.withLock { state in
                state.failure = Failure(number: number, problem: problem, isItsOwn: true)
                if state.lastOpened == number { state.lastOpened = state.openedBefore }
            }
        }

        /// Notes why a client has not been served although the server can be reached.
        func refused(_ number: Int, _ problem: ConnectionProblem) {
            state.withLock { state in
                state.pending[number] = nil
                state.failure = Failure(number: number, problem: problem, isItsOwn: true)
            }
        }

        /// Notes that clients are accepted again.
        func stopRefusing() {
            state.withLock { state in
                state.isRefusing = false
                state.failure = nil
            }
        }

        /// Notes the latest failure while clients are refused.
        func stillFailing(_ problem: ConnectionProblem) {
            state.withLock { state in
                if state.isRefusing {
                    state.failure = Failure(number: state.failure?.number ?? 0, problem: problem)
                }
            }
        }

        func shutDown() { state.withLock { $0.isShutDown = true } }

        // MARK: - Questions

        /// The problem that concerns connections after the first `count`.
        func problem(since count: Int) -> TunnelProblem? {
            state.withLock { state in
                let isUnsent = state.lastOpened <= count
                if state.isShutDown {
                    return TunnelProblem(
                        code: .connectionFailure,
                        detail: "the TLS forwarder has been shut down",
                        isUnsent: isUnsent
                    )
                }
                if let failure = state.failure, failure.number > count || state.isRefusing,
                    isUnsent || !failure.isItsOwn
                {
                    return TunnelProblem(
                        code: failure.problem.code,
                        detail: failure.problem.detail,
                        systemErrno: failure.problem.errno,
                        isUnsent: isUnsent
                    )
                }
                guard isUnsent, let first = state.pending.filter({ $0.key > count }).min(by: { $0.key < $1.key })
                else { return nil }
                return TunnelProblem(code: .timeout, detail: Self.sentence(first.value), isUnsent: false)
            }
        }

        private static func sentence(_ pending: (phase: Phase, since: ContinuousClock.Instant)) -> String {
            let what =
                switch pending.phase {
                case .connecting: "there is no connection to the server"
                case .handshaking: "the server has not finished the TLS handshake"
                case .loggingIn: "the server has not answered to the forwarder's user name"
                }
            return "\(what) after \(pending.since.duration(to: .now).milliseconds) ms (the client's pollTimeout)"
        }
    }

    extension Duration {
        /// The milliseconds, rounded down.
        var milliseconds: Int64 {
            let (seconds, attoseconds) = components
            return seconds * 1000 + attoseconds / 1_000_000_000_000_000
        }
    }
#endif
