/// Which of memcached's two protocols a client speaks.
public enum MemcachedProtocol: String, CaseIterable, Hashable, Sendable {
    /// Each command uses the protocol that suits it best.
    ///
    /// Reads of many keys, counters, and deleting or touching many keys go as text, over connections of their own,
    /// which are opened when they are first needed; everything else goes in the binary protocol. So there are up to two
    /// connections to each server. Where text can't be used, because there are credentials or servers over UDP, or a
    /// key or the namespace has blanks or control bytes, everything goes in the binary protocol. A server that speaks
    /// only one protocol is found out before it is sent the first command, and again when its connection has broken, if
    /// it can be connected to within a quarter of a second and then answers within another one. If that is text, the
    /// client speaks text with all servers from then on, and keys have to be such as it can carry; where the namespace
    /// is not, calls for the server's keys fail.
    case automatic
    /// The binary protocol for everything.
    case binary
    /// The text protocol, which is the ASCII protocol, for everything: pylibmc's default.
    case text

    /// Makes a choice from the argument `binary` of the initialisers.
    ///
    /// - Parameter binary: True for ``binary``, false for ``text``, nil for ``automatic``.
    public init(binary: Bool?) {
        switch binary {
        case nil: self = .automatic
        case true?: self = .binary
        case false?: self = .text
        }
    }
}
