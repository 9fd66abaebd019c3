public import SwiftLibMC

/// A client that adds a method, leaves the format alone, and says so: its values may take the shorter way.
public final class StandardClient: Client {
    public override class var usesDefaultFormat: Bool { true }

    /// Reads a text without the blanks around it.
    public func trimmed(_ key: String) throws(MemcachedError) -> String? {
        guard let text = try get(key, as: String.self) else { return nil }
        let start = text.drop { $0 == " " }
        return String(start.reversed().drop { $0 == " " }.reversed())
    }
}
