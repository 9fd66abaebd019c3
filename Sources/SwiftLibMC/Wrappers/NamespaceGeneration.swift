#if canImport(FoundationEssentials)
    internal import FoundationEssentials
#else
    internal import Foundation
#endif
internal import Synchronization

/// The number that is part of all keys of a ``VersionedNamespace``: the requests that read and change it, the same for
/// synchronous and asynchronous caches.
struct NamespaceGeneration: Sendable {
    let name: String
    /// Distinguishes it from others of the same name, which may be in other caches.
    private let id = Self.count.add(1, ordering: .relaxed).newValue

    private static let count = Atomic<UInt64>(0)
    /// How often numbers have been changed by this process; names share places in it, so that it does not grow.
    private static let changes = Monitor([Int](repeating: 0, count: 256))

    init(name: String) { self.name = name }

    private var counter: String { "\(name):generation" }

    /// Reads the number, for a request about the namespace's keys.
    func look(for request: MemcachedRequest) -> MemcachedRequest {
        .one(counter, .fetch(.init().uncounted), for: request.operation).remembering(request.keys.memory)
    }

    /// Creates the number if there is none, for such a request.
    func make(for request: MemcachedRequest) -> MemcachedRequest {
        // Adds zero: another caller may just have created it.
        let action = MemcachedRequest.Action.count(CounterStep(.up, delta: 0, initial: Self.first))
        return .one(counter, action, for: request.operation).remembering(request.keys.memory)
    }

    /// Changes the number.
    func change(for operation: Operation) -> MemcachedRequest {
        .one(counter, .count(CounterStep(.up, initial: Self.first)), for: operation)
    }

    /// Larger than any earlier number, in case the server has dropped the counter.
    private static var first: UInt64 { UInt64(max(0, Date().timeIntervalSince1970 * 1_000_000)) }

    /// The prefix of the keys, from a response to ``look(for:)``; nil if there is no number.
    func prefix(found response: MemcachedResponse) -> String? {
        guard let value = response.results.first?.value else { return nil }
        // A server pads numbers that have become shorter with blanks.
        let digits = String(decoding: value.bytes, as: UTF8.self).prefix { $0 != " " }
        guard let number = UInt64(digits), number > 0 else { return nil }
        return prefix(number)
    }

    /// The prefix of the keys, from a response to ``make(for:)``.
    func prefix(made response: MemcachedResponse, _ request: MemcachedRequest) throws(MemcachedError) -> String {
        try response.check(request)
        return prefix(try response.counted(request))
    }

    private func prefix(_ number: UInt64) -> String { "\(name):\(String(number, radix: 36)):" }

    /// The request for the cache in place of one that is not about the namespace's keys; nil for one that is.
    func unprefixed(_ request: MemcachedRequest) throws(MemcachedError) -> MemcachedRequest? {
        switch request.action {
        case .flush(let time):
            guard time.flushDelay() == 0 else {
                throw MemcachedError(
                    code: .notSupported,
                    operation: .flushAll,
                    detail: "a namespace can only be emptied at once"
                )
            }
            return change(for: request.operation)
        case .decode: return request
        default: return request.keys.isEmpty ? request : nil
        }
    }

    /// Notes that the number has been changed, or may have been.
    func noteChange() { Self.changes.withLock { $0[changePlace] += 1 } }

    private var changePlace: Int { Int(name.withRawSpan { $0.quickHash() } % 256) }

    // MARK: - What a call remembers

    /// The prefix of the keys of a request as its call knows it; nil if it has to be asked for.
    func knownPrefix(of request: MemcachedRequest) throws(MemcachedError) -> String? {
        guard let memory = request.keys.memory, let known = memory.prefix(of: id, named: name) else { return nil }
        switch known {
        case .success(let prefix): return prefix
        case .failure(let error):
            if !memory.isClosed, !request.isComputation { return nil }
            return try prefix(of: request, after: error)
        }
    }

    /// Remembers the prefix for the call that a request belongs to.
    func note(_ prefix: String, for request: MemcachedRequest) {
        request.keys.memory?.note(.success(prefix), of: id, named: name)
    }

    /// The prefix of the keys of a request although the number could not be read; throws if the request needs it.
    func prefix(of request: MemcachedRequest, after error: MemcachedError) throws(MemcachedError) -> String {
        // Computations in this process are shared even without a server.
        if request.isComputation { return "\(name):?\(Self.changes.withLock { $0[changePlace] }):" }
        request.keys.memory?.note(.failure(error), of: id, named: name)
        throw request.named(error)
    }
}

extension MemcachedRequest {
    fileprivate var isComputation: Bool { if case .computation = action { true } else { false } }
}
