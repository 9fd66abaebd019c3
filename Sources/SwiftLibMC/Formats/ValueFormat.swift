#if canImport(FoundationEssentials)
    internal import FoundationEssentials
#else
    internal import Foundation
#endif
internal import SwiftLibMCJSON

/// The library whose format values have on the servers: set ``Client/format`` to share them with programs in other
/// languages.
///
/// ```swift
/// let client = try Client(["cache:11211"])
/// client.format = .php
/// let name: String? = try client.get("user:42:name")   // written by PHP
/// ```
///
/// memcached keeps bytes and a 32-bit number beside them, the flags; what the number means is up to the clients, and
/// each library has its own convention. A format has one library's flags, forms of numbers, and framing of compressed
/// values. ``pylibmc`` is the default of all clients.
///
/// Bytes and `Data` can be read of any value, inflated. What other languages' object serializers wrote (pickle,
/// Marshal, Java's, PHP's, igbinary, msgpack) is never decoded, because doing so runs code that the cache chooses;
/// reading it as anything but bytes throws `.deserialization`. Structures and arrays are stored as JSON.
///
/// The format changes values only. Where keys live is a matter of the behaviors `hash` and `distribution`.
public struct ValueFormat: Sendable {
    /// The name, such as `php`.
    public let name: String
    /// When the library itself compresses values unless told otherwise; never, for libraries that don't.
    ///
    /// A client uses its own ``Client/compression``, which may be set to this.
    public let usualCompression: Compression
    /// The family's own encoding, or nil for the standard format.
    let dialect: (any ValueDialect)?
    /// How compressed values are marked and framed.
    let packing: Packing

    init(
        _ name: String,
        _ dialect: (any ValueDialect)?,
        packing: Packing = .standard,
        usualCompression: Compression = Compression()
    ) {
        self.name = name
        self.dialect = dialect
        self.packing = packing
        self.usualCompression = usualCompression
    }
}

extension ValueFormat: Hashable, CustomStringConvertible {
    /// Whether two formats are the same preset.
    public static func == (first: ValueFormat, second: ValueFormat) -> Bool { first.name == second.name }

    /// Hashes the name.
    public func hash(into hasher: inout Hasher) { hasher.combine(name) }

    /// The name.
    public var description: String { name }
}

// MARK: - Encoding and decoding

extension ValueFormat {
    /// Makes the stored form of a value, not compressed.
    ///
    /// - Throws: ``ForeignValueError`` or ``ValueFormatError`` if the value has no form here.
    func encode<V: Encodable>(_ value: V) throws -> Payload {
        guard let dialect else { return try StandardFormat.encode(value) }
        if let optional = V.self as? any OptionalEncoding.Type { return try encodeOptional(optional, value) }
        if let payload = dialect.special(value) { return payload }
        let standard = try StandardFormat.encode(value)
        do {
            return try dialect.foreign(standard, of: V.self)
        } catch {
            throw ForeignValueError(format: name, storing: V.self, error)
        }
    }

    /// Makes a value of its stored form.
    ///
    /// - Parameters:
    ///   - bytes: The stored bytes, inflated.
    ///   - flags: The flags they were stored with, without those of compression.
    ///   - type: The type to make.
    /// - Returns: The value.
    /// - Throws: ``ForeignValueError`` if they are not those of such a value.
    func decode<V: Decodable>(_ bytes: RawSpan, flags: Flags, as type: V.Type) throws -> V {
        guard let dialect else { return try StandardFormat.decode(bytes, flags: flags, as: type) }
        if V.self == [UInt8].self || V.self == Data.self {
            return try StandardFormat.decode(bytes, flags: .bytes, as: type)
        }
        if let optional = V.self as? any OptionalDecoding.Type { return try decodeOptional(optional, bytes, flags) }
        if let value = dialect.special(bytes, flags, as: type) { return value }
        return try withStandard(dialect, bytes, flags: flags, as: type) { bytes, flags in
            try StandardFormat.decode(bytes, flags: flags, as: type)
        }
    }

    /// Lends the standard form of a stored value; errors about that form become errors about this one.
    private func withStandard<R>(
        _ dialect: any ValueDialect,
        _ bytes: RawSpan,
        flags: Flags,
        as type: Any.Type,
        _ body: (RawSpan, Flags) throws -> R
    ) throws -> R {
        do {
            switch try dialect.standard(bytes, flags) {
            case .same(let standard): return try body(bytes, standard)
            case .other(let rewritten, let standard):
                return try rewritten.withRawSpan { rewritten in try body(rewritten, standard) }
            }
        } catch let problem as ForeignValueProblem {
            throw ForeignValueError(format: name, reading: type, flags: flags, problem)
        } catch let error as ValueFormatError {
            throw ForeignValueError(format: name, reading: type, flags: flags, .mismatch("\(error.reason)"))
        }
    }
}

// MARK: - Optionals

/// An `Optional` of something that can be stored.
private protocol OptionalEncoding {
    /// Makes the stored form: the form of what the optional holds, or of nil.
    func payload(in format: ValueFormat) throws -> Payload
}

extension Optional: OptionalEncoding where Wrapped: Encodable {
    func payload(in format: ValueFormat) throws -> Payload {
        if let value = self { return try format.encode(value) }
        guard let payload = format.dialect?.absent else {
            throw ForeignValueError(format: format.name, storing: Self.self, .noForm("nil has no form in it"))
        }
        return payload
    }
}

/// An `Optional` of something that can be read.
private protocol OptionalDecoding {
    /// Makes a value of its stored form: `nil` from the form of nil, otherwise what the optional holds.
    static func reading(_ bytes: RawSpan, _ flags: Flags, in format: ValueFormat) throws -> Self
}

extension Optional: OptionalDecoding where Wrapped: Decodable {
    static func reading(_ bytes: RawSpan, _ flags: Flags, in format: ValueFormat) throws -> Self {
        if case .same(let standard) = try? format.dialect?.standard(bytes, flags) {
            let kind = ValueKind(standard)
            // In text of unknown origin, `null` may well be a string, so it means nothing to the native types.
            if kind == .json || (kind.mayHoldJSON && !(Wrapped.self is any WireValue.Type)), JSON.isNull(bytes) {
                return nil
            }
        }
        return try format.decode(bytes, flags: flags, as: Wrapped.self)
    }
}

extension ValueFormat {
    private func encodeOptional<O: OptionalEncoding, V>(_ type: O.Type, _ value: V) throws -> Payload {
        try recast(value, as: O.self).payload(in: self)
    }

    private func decodeOptional<O: OptionalDecoding, V>(
        _ type: O.Type,
        _ bytes: RawSpan,
        _ flags: Flags
    ) throws -> V {
        recast(try O.reading(bytes, flags, in: self), as: V.self)
    }
}
