#if canImport(FoundationEssentials)
    public import FoundationEssentials
#else
    public import Foundation
#endif

/// A type whose values name items.
///
/// `String`, `Substring`, `[UInt8]`, `Data` and the standard integers (by their decimal text) are keys, and so is an
/// enumeration or structure with such a raw value that declares the conformance. A key has 1 to 250 bytes, namespace and
/// `keyPrefix` included; the ASCII protocol allows no blanks and no control bytes in it. Every key is checked before
/// anything is sent, and a bad one throws ``MemcachedError/Code/badKey``.
public protocol CacheKey: Hashable, Sendable {
    /// Whether some keys of this type are hashed by something else than themselves.
    static var isGrouped: Bool { get }

    /// Lends the bytes that are sent, and those that choose the server: the same ones, but for a ``GroupedKey``.
    func withKeyBytes<R, E: Error>(_ body: (_ key: RawSpan, _ routing: RawSpan) throws(E) -> R) throws(E) -> R
}

extension CacheKey {
    /// False: keys choose their server by themselves.
    @inlinable public static var isGrouped: Bool { false }
}

extension CacheKey where Self: RawRepresentable, RawValue: CacheKey {
    /// Whether the raw values are grouped.
    @inlinable public static var isGrouped: Bool { RawValue.isGrouped }

    /// Lends the bytes of the raw value.
    @inlinable
    public func withKeyBytes<R, E: Error>(
        _ body: (_ key: RawSpan, _ routing: RawSpan) throws(E) -> R
    ) throws(E) -> R {
        try rawValue.withKeyBytes(body)
    }
}

extension String: CacheKey {
    /// Lends the UTF-8 text.
    @inlinable
    public func withKeyBytes<R, E: Error>(
        _ body: (_ key: RawSpan, _ routing: RawSpan) throws(E) -> R
    ) throws(E) -> R {
        try withRawSpan { bytes throws(E) in try body(bytes, bytes) }
    }
}

extension Substring: CacheKey {
    /// Lends the UTF-8 text.
    @inlinable
    public func withKeyBytes<R, E: Error>(
        _ body: (_ key: RawSpan, _ routing: RawSpan) throws(E) -> R
    ) throws(E) -> R {
        try utf8.span.withRawSpan { bytes throws(E) in try body(bytes, bytes) }
    }
}

extension [UInt8]: CacheKey {
    /// Lends the bytes.
    @inlinable
    public func withKeyBytes<R, E: Error>(
        _ body: (_ key: RawSpan, _ routing: RawSpan) throws(E) -> R
    ) throws(E) -> R {
        try withRawSpan { bytes throws(E) in try body(bytes, bytes) }
    }
}

extension Data: CacheKey {
    /// Lends the bytes.
    @inlinable
    public func withKeyBytes<R, E: Error>(
        _ body: (_ key: RawSpan, _ routing: RawSpan) throws(E) -> R
    ) throws(E) -> R {
        try withRawSpan { bytes throws(E) in try body(bytes, bytes) }
    }
}

// MARK: - Integers

extension CacheKey where Self: FixedWidthInteger {
    /// Lends the number's decimal text.
    public func withKeyBytes<R, E: Error>(
        _ body: (_ key: RawSpan, _ routing: RawSpan) throws(E) -> R
    ) throws(E) -> R {
        try withDecimalText { bytes throws(E) in try body(bytes, bytes) }
    }
}

extension Int: CacheKey {}
extension Int8: CacheKey {}
extension Int16: CacheKey {}
extension Int32: CacheKey {}
extension Int64: CacheKey {}
extension UInt: CacheKey {}
extension UInt8: CacheKey {}
extension UInt16: CacheKey {}
extension UInt32: CacheKey {}
extension UInt64: CacheKey {}
