/// One family's encoding of values, as a translation from and to the standard format.
///
/// The standard format knows all types of Swift, and a dialect only the few kinds of values that the standard format
/// tells apart by its flags: bytes, text, small and long integers in decimal text, and JSON.
protocol ValueDialect: Sendable {
    /// How `nil` is stored; nil if the family has no unambiguous form for it.
    var absent: Payload? { get }

    /// The stored form of a value for which the family has a form that the standard format lacks; nil for all others.
    func special<V: Encodable>(_ value: V) -> Payload?

    /// Translates the standard form of a value into the family's.
    func foreign(_ standard: Payload, of type: Any.Type) throws(ForeignValueProblem) -> Payload

    /// Reads a value whose stored form the standard format lacks; nil for all others.
    func special<V: Decodable>(_ bytes: RawSpan, _ flags: Flags, as type: V.Type) -> V?

    /// Translates the family's form of a value into the standard one.
    func standard(_ bytes: RawSpan, _ flags: Flags) throws(ForeignValueProblem) -> StandardForm
}

extension ValueDialect {
    func special<V: Encodable>(_ value: V) -> Payload? { nil }
    func special<V: Decodable>(_ bytes: RawSpan, _ flags: Flags, as type: V.Type) -> V? { nil }
}

/// A value in the standard format.
enum StandardForm: Hashable, Sendable {
    /// The bytes are the same, and the flags these.
    case same(Flags)
    /// Both differ.
    case other([UInt8], Flags)
}

/// What is wrong with a value of a foreign format.
enum ForeignValueProblem: Error, Hashable, Sendable {
    /// It was written by an object serializer, whose output is never decoded.
    case object(String)
    /// The format has no such flags.
    case unknownFlags
    /// The value is not of the type that is asked for.
    case mismatch(String)
    /// The bytes are not what the flags say.
    case corrupt(String)
    /// The value can't be stored in the format.
    case noForm(String)
}

extension ForeignValueProblem: CustomStringConvertible {
    var description: String {
        switch self {
        case .object(let serializer): "it is \(serializer), which is never decoded, except as bytes"
        case .unknownFlags: "the format has no such flags"
        case .mismatch(let detail), .corrupt(let detail), .noForm(let detail): detail
        }
    }
}

/// Why a value can't be stored or read in a foreign format.
///
/// It names the format, types and flags, never the value itself. The client puts it into a ``MemcachedError``.
struct ForeignValueError: Error, Hashable, Sendable {
    let format: String
    let type: String
    /// The flags of the stored value; `nil` when the failure is in storing.
    let flags: Flags?
    let problem: ForeignValueProblem

    init(format: String, reading type: Any.Type, flags: Flags, _ problem: ForeignValueProblem) {
        self.format = format
        self.type = "\(type)"
        self.flags = flags
        self.problem = problem
    }

    init(format: String, storing type: Any.Type, _ problem: ForeignValueProblem) {
        self.format = format
        self.type = "\(type)"
        self.flags = nil
        self.problem = problem
    }
}

extension ForeignValueError: CustomStringConvertible {
    var description: String {
        guard let flags else { return "can't store a value of type \(type) in the format \(format): \(problem)" }
        return "can't read a value with flags \(flags.rawValue) in the format \(format) as \(type): \(problem)"
    }
}
