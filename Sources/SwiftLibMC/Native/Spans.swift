// Bytes in and out of the types that hold them. `RawSpan` can't be read or made without unsafe code, so that this
// file does it once for all others.

#if canImport(FoundationEssentials)
    public import FoundationEssentials
#else
    public import Foundation
#endif

// MARK: - Out of a span

extension Array where Element == UInt8 {
    /// Makes an array of the bytes of a span.
    ///
    /// For `deserialize` hooks, which are lent the stored bytes as a `RawSpan`.
    ///
    /// - Parameter bytes: What to copy.
    @inlinable public init(copying bytes: RawSpan) {
        // The initialiser that takes a buffer pointer is specialised for bytes in the standard library; those that
        // take a closure or fill the array first are several hundred instructions dearer.
        self = unsafe bytes.withUnsafeBytes { unsafe Array(UnsafeBufferPointer(bytesOf: $0)) }
    }
}

extension Data {
    /// Makes data of the bytes of a span.
    ///
    /// For `deserialize` hooks, which are lent the stored bytes as a `RawSpan`.
    ///
    /// - Parameter bytes: What to copy.
    @inlinable public init(copying bytes: RawSpan) {
        self = unsafe bytes.withUnsafeBytes { raw in
            guard let start = raw.baseAddress else { return Data() }
            return unsafe Data(bytes: start, count: raw.count)
        }
    }
}

extension String {
    /// Makes a string of the bytes of a span, or `nil` if they are not UTF-8.
    ///
    /// For `deserialize` hooks, which are lent the stored bytes as a `RawSpan`.
    ///
    /// - Parameter bytes: UTF-8, without a terminating zero.
    @inlinable public init?(validating bytes: RawSpan) {
        // By way of `UTF8Span` this costs as much as `String(decoding:)`, which repairs what is invalid;
        // `String(validating:as:)` costs 800 instructions more.
        let text: String? = unsafe bytes.withUnsafeBytes { raw in
            let span = unsafe UnsafeBufferPointer(bytesOf: raw).span
            guard let text = try? UTF8Span(validating: span) else { return nil }
            return String(copying: text)
        }
        guard let text else { return nil }
        self = text
    }
}

extension UnsafeBufferPointer where Element == UInt8 {
    /// Sees raw memory as bytes, which is always right: `UInt8` has no alignment and no invalid patterns.
    @inlinable init(bytesOf raw: UnsafeRawBufferPointer) {
        unsafe self.init(start: raw.baseAddress?.assumingMemoryBound(to: UInt8.self), count: raw.count)
    }
}

extension RawSpan {
    /// The byte at an offset, which must be within the span.
    @inlinable func byte(at offset: Int) -> UInt8 {
        unsafe unsafeLoad(fromByteOffset: offset, as: UInt8.self)
    }
}

// MARK: - Into a span

extension Span where Element == UInt8 {
    /// Lends the bytes as a `RawSpan`.
    ///
    /// `Span.bytes` is unsafe in general, because some types have padding. Bytes have none.
    @inlinable func withRawSpan<R: ~Copyable, E: Error>(_ body: (RawSpan) throws(E) -> R) throws(E) -> R {
        try unsafe body(bytes)
    }
}

extension Array where Element == UInt8 {
    /// Lends the elements as a `RawSpan`.
    @inlinable func withRawSpan<R: ~Copyable, E: Error>(_ body: (RawSpan) throws(E) -> R) throws(E) -> R {
        try span.withRawSpan(body)
    }
}

extension String {
    /// Lends the UTF-8 text as a `RawSpan`, without a terminating zero.
    @inlinable func withRawSpan<R: ~Copyable, E: Error>(_ body: (RawSpan) throws(E) -> R) throws(E) -> R {
        try utf8.span.withRawSpan(body)
    }
}

extension Data {
    /// Lends the bytes as a `RawSpan`.
    @inlinable func withRawSpan<R: ~Copyable, E: Error>(_ body: (RawSpan) throws(E) -> R) throws(E) -> R {
        try body(bytes)
    }
}
