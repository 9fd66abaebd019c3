import Foundation
public import SwiftLibMC

/// A client with a format of its own, which overrides the two hooks and nothing else: values are stored backwards.
///
/// It inherits all initialisers and `clone`.
public class BackwardsClient: Client {
    /// The flag of its values, one that no other client of the family knows.
    public static let flag = Flags(rawValue: 1 << 20)

    public override func serialize<V: Encodable>(_ value: V) throws -> Payload {
        let standard = try super.serialize(value)
        return Payload(bytes: standard.bytes.reversed(), flags: standard.flags.union(Self.flag))
    }

    public override func deserialize<V: Decodable>(_ bytes: RawSpan, flags: Flags, as type: V.Type) throws -> V {
        // What somebody else has stored has no place here.
        guard flags.contains(Self.flag) else { throw CacheMiss() }
        let standard = Data(Data(copying: bytes).reversed())
        return try super.deserialize(standard.bytes, flags: flags.subtracting(Self.flag), as: type)
    }
}
