/// A way of choosing the server of a key that libmemcached does not have, to find what other clients have stored.
///
/// A client takes one in place of a hash and a distribution:
/// ``Client/init(servers:selector:binary:username:password:behaviors:)`` and ``Client/setSelector(_:)``. There are
/// ``RendezvousSelector``, ``PythonMemcachedSelector`` and ``Memcached2Selector``; your own needs one function:
///
/// ```swift
/// struct FirstByteSelector: ServerSelector {
///     func chooser(among servers: [Server]) -> @Sendable (RawSpan) -> Int {
///         { key in Int(Array(copying: key)[0]) % servers.count }
///     }
/// }
/// ```
public protocol ServerSelector: Sendable {
    /// Makes the function that chooses among these servers; called once for each list of servers.
    ///
    /// - Parameter servers: Two or more servers, in the client's order. With a single one there is nothing to choose.
    /// - Returns: A function from the bytes that a key is hashed by to an index into `servers`, taken modulo their
    ///   number. It has to give the same index for the same bytes every time. The bytes are the key's with `keyPrefix`,
    ///   or the group of a ``GroupedKey``; with the namespace only if ``Behaviors/hashWithPrefixKey`` says so.
    func chooser(among servers: [Server]) -> @Sendable (_ key: RawSpan) -> Int
}
