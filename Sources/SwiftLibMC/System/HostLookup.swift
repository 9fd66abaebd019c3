internal import CPlatform

/// The look-up of a host's name on a thread of its own, which can be given up: the system alone decides how long it
/// takes.
///
/// Callers that want the same name at the same time wait for the same thread. So threads don't pile up while a name
/// server does not answer. An answer that comes too late for all of them is kept for a while for the next caller.
final class HostLookup: Sendable {
    private struct Name: Hashable {
        let host: String
        let port: Int
    }

    private typealias Outcome = Result<[SocketAddress], SocketAddress.LookupFailure>

    /// The look-ups that are under way, or have an answer that no caller has received.
    private static let all = Monitor<[Name: HostLookup]>([:])

    private let name: Name
    /// What was found, and until when it is kept if no caller takes it.
    private let answer = Monitor<(outcome: Outcome, end: Moment)?>(nil)
    /// The process that the thread runs in.
    private let process = ForkWatch.count

    private init(_ name: Name) { self.name = name }

    /// The addresses of a host, in the order in which to try them; nil if they are not known in time.
    ///
    /// Numeric addresses need no thread. And a process with one thread stays that way: there the look-up takes as long
    /// as the system needs.
    static func addresses(
        of host: String,
        _ port: Int,
        until deadline: Moment
    ) throws(SocketAddress.LookupFailure) -> [SocketAddress]? {
        if let addresses = try? SocketAddress.resolving(host, port, onlyNumbers: true) { return addresses }
        guard swiftlibmc_has_one_thread() == 0 else { return try SocketAddress.resolving(host, port) }
        let name = Name(host: host, port: port)
        let lookup = all.withLock { all -> HostLookup? in
            // A forked child has none of its parent's threads.
            if let lookup = all[name], lookup.process == ForkWatch.count, !lookup.isStale { return lookup }
            let lookup = HostLookup(name)
            guard DedicatedThread.start(name: "mc-lookup", { lookup.run() }) else { return nil }
            all[name] = lookup
            return lookup
        }
        guard let lookup else {
            throw SocketAddress.LookupFailure(reason: "the system has no thread to give", errno: EAGAIN)
        }
        guard let outcome = lookup.answer.wait(until: deadline, for: { $0?.outcome }) else { return nil }
        lookup.forget()
        return try outcome.get()
    }

    private var isStale: Bool { answer.withLock { $0.map { $0.end <= .now } ?? false } }

    private func forget() {
        Self.all.withLock { all in if all[name] === self { all[name] = nil } }
    }

    private func run() {
        let found = Result { () throws(SocketAddress.LookupFailure) in
            try SocketAddress.resolving(name.host, name.port)
        }
        if case .failure = found { forget() }
        answer.withLock { $0 = (found, .now + .seconds(10)) }
        answer.wakeAll()
    }
}
