/// The values of one multi-key write, in the order of its keys, each ready to be lent in its stored form.
@usableFromInline
struct StoredValues {
    /// The values, the two types that are stored most as they are.
    @usableFromInline
    enum Contents {
        case bytes([[UInt8]])
        case strings([String])
        case payloads([Payload])
    }

    private let contents: Contents
    private let compression: Compression?
    private let packing: Packing
    private let deflate: Deflate

    init(
        _ contents: Contents,
        compression: Compression?,
        _ packing: Packing,
        with deflate: @autoclosure () -> Deflate
    ) {
        self.contents = contents
        self.compression = compression
        self.packing = packing
        self.deflate = deflate()
    }

    /// Lends one value in its stored form, compressed if it should be.
    @inline(__always)
    func withValue<R, E: Error>(_ index: Int, _ body: (RawSpan, Flags) throws(E) -> R) throws(E) -> R {
        switch contents {
        case .bytes(let values):
            try values[index].withRawSpan { bytes throws(E) in try lend(bytes, .bytes, body) }
        case .strings(let values):
            try values[index].withRawSpan { bytes throws(E) in try lend(bytes, .text, body) }
        case .payloads(let values):
            try values[index].bytes.withRawSpan { bytes throws(E) in try lend(bytes, values[index].flags, body) }
        }
    }

    /// How many bytes the largest value has, before it is compressed.
    var largest: Int {
        switch contents {
        case .bytes(let values): values.lazy.map(\.count).max() ?? 0
        case .strings(let values): values.lazy.map(\.utf8.count).max() ?? 0
        case .payloads(let values): values.lazy.map(\.bytes.count).max() ?? 0
        }
    }

    @inline(__always)
    private func lend<R, E: Error>(
        _ bytes: RawSpan,
        _ flags: Flags,
        _ body: (RawSpan, Flags) throws(E) -> R
    ) throws(E) -> R {
        guard let compression else { return try body(bytes, flags) }
        return try deflate.withCompressed(bytes, flags: flags, compression, packing: packing, body)
    }
}
