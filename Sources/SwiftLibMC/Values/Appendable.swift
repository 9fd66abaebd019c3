#if canImport(FoundationEssentials)
    public import FoundationEssentials
#else
    public import Foundation
#endif

/// A value that can be appended: `[UInt8]`, `Data` and `String`.
public protocol Appendable: Encodable {
    /// Lends the bytes to be added.
    func withAppendedBytes<R, E: Error>(_ body: (RawSpan) throws(E) -> R) throws(E) -> R
}

extension Appendable {
    var appendedBytes: [UInt8] { withAppendedBytes { Array(copying: $0) } }
}

extension [UInt8]: Appendable {
    /// Lends the bytes.
    public func withAppendedBytes<R, E: Error>(_ body: (RawSpan) throws(E) -> R) throws(E) -> R {
        try withRawSpan(body)
    }
}

extension Data: Appendable {
    /// Lends the bytes.
    public func withAppendedBytes<R, E: Error>(_ body: (RawSpan) throws(E) -> R) throws(E) -> R {
        try withRawSpan(body)
    }
}

extension String: Appendable {
    /// Lends the UTF-8 text.
    public func withAppendedBytes<R, E: Error>(_ body: (RawSpan) throws(E) -> R) throws(E) -> R {
        try withRawSpan(body)
    }
}
