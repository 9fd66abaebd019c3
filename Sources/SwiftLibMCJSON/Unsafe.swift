// What can't be said without unsafe code, for all other files.

/// Returns a value as the type that it has, as its namesake in SwiftLibMC.
@inline(__always)
func recast<T, U>(_ value: borrowing T, as type: U.Type) -> U {
    precondition(T.self == U.self, "recast to another type")
    return unsafe unsafeBitCast(value, to: U.self)
}

extension String {
    /// Makes a string of bytes that are known to be ASCII, without looking at each.
    init(ascii bytes: Span<UInt8>) { self.init(copying: unsafe UTF8Span(unchecked: bytes, isKnownASCII: true)) }
}
