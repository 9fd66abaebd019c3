internal import SwiftLibMCJSON

/// A family that differs from the standard format in its flags only.
struct FlagTable: ValueDialect {
    /// A kind of value, by the standard format's flags, and the family's flags for it.
    ///
    /// In reading, the first row with the flags counts, and flags without a row are unknown.
    struct Row: Hashable, Sendable {
        let standard: Flags
        let foreign: Flags

        init(_ standard: Flags, _ foreign: UInt32) {
            self.standard = standard
            self.foreign = Flags(rawValue: foreign)
        }
    }

    /// The flags that are written, one row for each kind of value; in reading, rows with the same foreign flags as an
    /// earlier one are ignored.
    let rows: [Row]
    /// Flags that are read too, but never written.
    var older: [Row] = []
    /// The flags of values that are never decoded, and what wrote them.
    var objects: [Flags: String] = [:]
    /// The meaning of flags without a row; nil for none.
    var others: Flags?

    var absent: Payload? {
        // Where JSON is stored as text, the text "null" could not be told from nil.
        foreignFlags(.json).flatMap { flags in
            rows.first { $0.foreign == flags }?.standard == .json ? Payload(bytes: JSON.null.bytes, flags: flags) : nil
        }
    }

    func foreign(_ standard: Payload, of type: Any.Type) throws(ForeignValueProblem) -> Payload {
        guard let flags = foreignFlags(standard.flags) else { throw .noForm("such values have no form in it") }
        return Payload(bytes: standard.bytes, flags: flags)
    }

    func standard(_ bytes: RawSpan, _ flags: Flags) throws(ForeignValueProblem) -> StandardForm {
        if let row = rows.first(where: { $0.foreign == flags }) ?? older.first(where: { $0.foreign == flags }) {
            return .same(row.standard)
        }
        if let writer = objects[flags] { throw .object(writer) }
        guard let others else { throw .unknownFlags }
        return .same(others)
    }

    private func foreignFlags(_ standard: Flags) -> Flags? {
        rows.first { $0.standard == standard }?.foreign
    }
}
