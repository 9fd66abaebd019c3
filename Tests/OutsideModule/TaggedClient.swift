public import SwiftLibMC

/// A client with state, and so with a designated initialiser of its own, as the docstring of `Client` shows it.
public final class TaggedClient: Client {
    /// Some state, which clones have to take over.
    public var tag: String
    /// How many values this client has turned into bytes; a clone begins anew.
    public private(set) var serializedCount = 0

    /// Makes a client with a tag.
    public init(_ servers: [Server], tag: String, binary: Bool = true) throws(MemcachedError) {
        self.tag = tag
        try super.init(servers: servers, binary: binary)
    }

    /// Makes a clone.
    public required init(_ seed: consuming sending Seed) {
        tag = ""
        super.init(seed)
    }

    public override func clone() throws(MemcachedError) -> sending Self {
        let copy = try super.clone()
        copy.tag = tag
        return copy
    }

    public override func serialize<V: Encodable>(_ value: V) throws -> Payload {
        serializedCount += 1
        return try super.serialize(value)
    }
}
