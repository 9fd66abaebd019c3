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
func recast<T, U>(_ value: T, as type: U.Type) -> U {
    precondition(T.self == U.self, "recast to another type")
    return unsafe unsafeBitCast(value, to: U.self)
}
