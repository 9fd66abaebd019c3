#if Hummingbird
    #if canImport(FoundationEssentials)
        internal import FoundationEssentials
    #else
        internal import Foundation
    #endif
    internal import SwiftLibMC

    /// A stored record: a value and when it expires.
    struct PersistRecord<Value: Codable & Sendable>: Codable, Sendable {
        /// When the value expires, in seconds since 1970; nil for never.
        var expires: Double?
        var value: Value

        init(value: Value, expires: Double?) {
            self.value = value
            self.expires = expires
        }

        init(value: Value, expires: Duration?, now: Date) {
            self.init(value: value, expires: expires.map { now.timeIntervalSince1970 + $0 / .seconds(1) })
        }

        var head: PersistHead { PersistHead(expires: expires) }

        /// When memcached may drop the item.
        func time(at now: Date) -> Expiration { head.left(at: now).map { .duration($0) } ?? .never }
    }

    /// A record without its value, which may be of any type.
    struct PersistHead: Decodable, Sendable {
        var expires: Double?

        func isExpired(at now: Date) -> Bool { left(at: now).map { $0 <= .zero } ?? false }

        /// How long it has still to live.
        func left(at now: Date) -> Duration? {
            // Anybody may have written the number, and a `Duration` has no room for every one.
            expires.map { .seconds(min(max($0 - now.timeIntervalSince1970, -Self.longest), Self.longest)) }
        }

        /// In seconds: more than a lifetime.
        private static let longest = 1e12
    }
#endif
