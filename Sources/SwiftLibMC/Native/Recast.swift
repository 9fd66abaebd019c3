/// Sees a value as the type that it has.
///
/// Generic code that has found out by `T.self == U.self` what its type is can say so without the price of a dynamic
/// cast, several hundred instructions.
///
/// - Parameters:
///   - value: The value.
///   - type: Its own type. Any other type is a mistake of the program, and ends it.
/// - Returns: The same value.
@inlinable
@inline(__always)
func recast<T, U>(_ value: borrowing T, as type: U.Type) -> U {
    precondition(T.self == U.self, "recast to another type")
    return unsafe unsafeBitCast(value, to: U.self)
}

/// Lends a value as the type that it has, without taking another reference to what it holds.
///
/// The rules are those of ``recast(_:as:)``.
@inlinable
@inline(__always)
func withRecast<T, U, R, E: Error>(
    _ value: borrowing T,
    as type: U.Type,
    _ body: (borrowing U) throws(E) -> R
) throws(E) -> R {
    precondition(T.self == U.self, "recast to another type")
    return try unsafe withUnsafePointer(to: value) { pointer throws(E) in
        try unsafe pointer.withMemoryRebound(to: U.self, capacity: 1) { pointer throws(E) in
            try unsafe body(pointer.pointee)
        }
    }
}
