#if canImport(FoundationEssentials)
    internal import FoundationEssentials
#else
    internal import Foundation
#endif

/// The number that is part of all keys of a ``VersionedNamespace``: the requests that read and change it, the same for
/// synchronous and asynchronous caches.
struct NamespaceGeneration: Sendable {
    let name: String

    private var counter: String { "\(name):generation" }

    /// Reads the number.
    func look(for operation: Operation) -> MemcachedRequest { .one(counter, .fetch(.init()), for: operation) }

    /// Makes the number if there is none.
    func make(for operation: Operation) -> MemcachedRequest {
        // By zero: another caller may just have made one.
        .one(counter, .count(CounterStep(.up, delta: 0, initial: Self.first)), for: operation)
    }

    /// Changes the number.
    func change(for operation: Operation) -> MemcachedRequest {
        .one(counter, .count(CounterStep(.up, initial: Self.first)), for: operation)
    }

    /// Larger than any that was there, in case the server has dropped the counter.
    private static var first: UInt64 { UInt64(max(0, Date().timeIntervalSince1970 * 1_000_000)) }

    /// The prefix of the keys, of a response to ``look(for:)``; nil if there is no number.
    func prefix(found response: MemcachedResponse) -> String? {
        guard let value = response.results[0].value else { return nil }
        // A server pads numbers that have become shorter with blanks.
        let digits = String(decoding: value.bytes, as: UTF8.self).prefix { $0 != " " }
        guard let number = UInt64(digits), number > 0 else { return nil }
        return prefix(number)
    }

    /// The prefix of the keys, of a response to ``make(for:)``.
    func prefix(made response: MemcachedResponse, _ request: MemcachedRequest) throws(MemcachedError) -> String {
        prefix(try response.counted(request))
    }

    private func prefix(_ number: UInt64) -> String { "\(name):\(String(number, radix: 36)):" }

    /// The request that the cache is to carry out in place of one that is not about the namespace's keys; nil for one
    /// that is.
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

    /// The prefix of the keys of a request although the number could not be read; throws if the request needs it.
    func prefix(of request: MemcachedRequest, after error: MemcachedError) throws(MemcachedError) -> String {
        // What goes on in this process is shared without a server, too.
        if case .computation = request.action { return "\(name):" }
        throw request.named(error)
    }
}
