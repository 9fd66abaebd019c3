extension ValueFormat {
    /// How Ruby's dalli stores strings.
    public enum DalliStrings: Hashable, Sendable {
        /// With `raw: true`: without a flag, and read as binary strings.
        case raw
        /// With `string_fastpath: true`, since dalli 5.0.4: UTF-8 strings have the flag 4.
        case fastPath
    }

    /// Ruby's dalli, with plain strings: ``dalli(_:)`` with `.raw`.
    public static let dalli = dalli(.raw)

    /// Ruby's dalli.
    ///
    /// The library puts everything through Ruby's Marshal unless told otherwise, and what Marshal wrote is never
    /// decoded. To share values, store them in Ruby with `raw: true`, or strings with `string_fastpath: true`. Numbers
    /// are decimal text, as dalli's counters are, and structures are JSON text; a `nil` by itself can't be stored.
    ///
    /// - Parameter strings: How text is written. Both forms are read.
    /// - Returns: The format.
    public static func dalli(_ strings: DalliStrings) -> ValueFormat {
        let text: UInt32 = strings == .fastPath ? 4 : 0
        return ValueFormat(
            strings == .fastPath ? "dalli.fastPath" : "dalli",
            FlagTable(
                rows: [
                    .init(.bytes, 0), .init(.text, text), .init(.long, 0), .init(.integer, 0), .init(.json, text),
                ],
                older: [.init(.text, 4)],
                objects: [Flags(rawValue: 1): "an object of Ruby's Marshal"]
            ),
            packing: Packing(mark: 2, framing: .zlibOrGzip),
            usualCompression: Compression(minLength: 4096)
        )
    }
}
