#if Hummingbird
    #if canImport(FoundationEssentials)
        public import FoundationEssentials
    #else
        public import Foundation
    #endif
    public import Hummingbird
    public import SwiftLibMC

    /// Hummingbird's key-value store, which sessions are kept in, over memcached.
    ///
    /// ```swift
    /// let persist = MemcachedPersistDriver(cache, prefix: "session:")
    /// ```
    ///
    /// memcached may lose items: it drops them when it needs their memory or is restarted. Keep only data in it that
    /// may be lost, such as sessions that can be begun anew.
    ///
    /// Items hold their expiration with the value, since memcached does not return it. So a `set` without `expires`
    /// keeps the present one, as Hummingbird requires, and times are exact to the millisecond. The clocks of the
    /// machines that share the items should not differ by more than the times may.
    ///
    /// The driver does not end the cache: an `AsyncClient` is a service of its own.
    public struct MemcachedPersistDriver: PersistDriver {
        private let cache: PlainCommands
        private let prefix: String
        private let policies: CommandPolicies
        private let now: @Sendable () -> Date

        /// How many times to try again after losing to another writer.
        private static let retries = 16

        /// Makes a driver.
        ///
        /// - Parameters:
        ///   - cache: Where the values are. Its `errors` and `outcomes` policies do not matter
        ///     here.
        ///   - prefix: What to put before each key. Keys of more than 250 bytes with it are refused.
        ///   - failures: Whether a failure of the cache is thrown, which makes a response of status 500, or counts as a
        ///     miss, which calls the cache's `onError`: nothing is found, and a value to be stored is lost.
        ///   - now: The time.
        public init(
            _ cache: any AsyncMemcachedCommands,
            prefix: String = "",
            failures: ErrorPolicy = .throwing,
            now: @escaping @Sendable () -> Date = { Date() }
        ) {
            self.cache = PlainCommands(base: cache)
            self.prefix = prefix
            policies = CommandPolicies(errors: failures, onError: cache.onError)
            self.now = now
        }

        // MARK: - Writing

        /// Stores a value under a new key.
        ///
        /// - Throws: `PersistError.duplicate` if the key has a value, and `MemcachedError`.
        public func create<Object: Codable & Sendable>(key: String, value: Object, expires: Duration?) async throws {
            let new = PersistRecord(value: value, expires: expires, now: now())
            try await forgiving(()) {
                try await write(key) { present in
                    guard present == nil else { throw PersistError.duplicate }
                    return new
                }
            }
        }

        /// Stores a value; without `expires` it keeps the expiration of the one before.
        ///
        /// - Throws: `MemcachedError`.
        public func set<Object: Codable & Sendable>(key: String, value: Object, expires: Duration?) async throws {
            try await forgiving(()) {
                if let expires {
                    let new = PersistRecord(value: value, expires: expires, now: now())
                    try await cache.set(prefix + key, new, time: .duration(expires))
                } else {
                    try await write(key) { PersistRecord(value: value, expires: $0?.expires) }
                }
            }
        }

        /// Removes a value.
        ///
        /// - Throws: `MemcachedError`.
        public func remove(key: String) async throws {
            _ = try await forgiving(false) { try await cache.delete(prefix + key) }
        }

        /// Stores the record that `body` makes from the present one, if it has not changed meanwhile; otherwise starts
        /// again.
        private func write<Object: Codable & Sendable>(
            _ key: String,
            _ body: (PersistHead?) throws -> PersistRecord<Object>
        ) async throws {
            let key = prefix + key
            for _ in 0...Self.retries {
                let present = try await head(key)
                let new = try body(present?.head.isExpired(at: now()) == false ? present?.head : nil)
                let time = new.time(at: now())
                if let present {
                    if try await replace(key, new, time: time, ifStill: present.version) { return }
                } else if try await cache.add(key, new, time: time) {
                    return
                }
            }
            throw MemcachedError(
                code: .casConflict,
                operation: "set",
                detail: "other writers changed the item \(Self.retries + 1) times in a row",
                key: key
            )
        }

        /// False if the item has changed or gone meanwhile.
        private func replace<Object: Codable & Sendable>(
            _ key: String,
            _ new: PersistRecord<Object>,
            time: Expiration,
            ifStill version: CAS
        ) async throws(MemcachedError) -> Bool {
            do throws(MemcachedError) {
                return try await cache.cas(key, new, cas: version, time: time)
            } catch {
                guard error.code == .notFound else { throw error }
                return false
            }
        }

        /// The record's expiration, and the item's version.
        private func head(_ key: String) async throws(MemcachedError) -> (head: PersistHead, version: CAS)? {
            do throws(MemcachedError) {
                return try await cache.gets(key, as: PersistHead.self).map { ($0.value, $0.cas) }
            } catch {
                // An item of another program: it exists, with an unknown expiration.
                guard error.code == .deserialization, let item = try await cache.item(key) else { throw error }
                return (PersistHead(), item.cas)
            }
        }

        // MARK: - Reading

        /// Reads a value; nil if there is none.
        ///
        /// - Throws: `PersistError.invalidConversion` if it is of another type, and `MemcachedError`.
        public func get<Object: Codable & Sendable>(key: String, as type: Object.Type) async throws -> Object? {
            try await getWithTTL(key: key, as: type)?.object
        }

        /// Reads a value, and how long it still has to live, nil if forever.
        ///
        /// - Throws: `PersistError.invalidConversion` if it is of another type, and `MemcachedError`.
        public func getWithTTL<Object: Codable & Sendable>(
            key: String,
            as type: Object.Type
        ) async throws -> (object: Object, ttl: Duration?)? {
            let key = prefix + key
            let record: PersistRecord<Object>? = try await forgiving(nil) {
                do throws(MemcachedError) {
                    return try await cache.get(key)
                } catch {
                    guard error.code == .deserialization else { throw error }
                    // The type of an expired value does not matter any more.
                    if let head = try? await head(key)?.head, head.isExpired(at: now()) { return nil }
                    throw PersistError.invalidConversion
                }
            }
            guard let record else { return nil }
            let moment = now()
            guard !record.head.isExpired(at: moment) else { return nil }
            return (record.value, record.head.left(at: moment))
        }

        private func forgiving<R>(_ missing: R, _ body: () async throws -> R) async throws -> R {
            do {
                return try await body()
            } catch let error as MemcachedError {
                try policies.forgive(error)
                return missing
            }
        }
    }
#endif
