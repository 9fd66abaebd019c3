internal import CLibDeflate

/// Compresses and inflates values in zlib format (RFC 1950) or gzip's (RFC 1952), with working memory that is kept
/// between calls.
///
/// libdeflate needs half of zlib's time. Each client has one of these, because it serves one call at a time.
@safe final class Deflate {
    /// Why bytes can't be inflated.
    enum InflateError: Error, Hashable, Sendable {
        /// They are not one complete stream and nothing else.
        case corrupt
        /// They stand for more bytes than allowed.
        case tooLarge
        /// The system has no memory for the result.
        case outOfMemory
        /// They are compressed in a way that is not supported here.
        case unsupported
    }

    /// The container format of a compressed value.
    enum Format: Hashable, Sendable {
        /// RFC 1950.
        case zlib
        /// RFC 1952.
        case gzip
    }

    /// The largest block kept for the next call, in bytes.
    static let largestSpare = 2 << 20

    /// How many bytes a value may inflate to unless a client says otherwise.
    static let defaultLimit = 64 << 20

    /// DEFLATE's limit: two bits at best for a repetition of 258 bytes.
    private static let bestRatio = 1032

    /// One for each of libdeflate's levels, made at its first use; a few hundred kilobytes each.
    private var compressors = unsafe [OpaquePointer?](repeating: nil, count: 9)
    private var decompressor: OpaquePointer?
    private var spare: HeapBytes?

    deinit {
        unsafe compressors.forEach { unsafe libdeflate_free_compressor($0) }
        unsafe libdeflate_free_decompressor(decompressor)
    }

    // MARK: - Compressing

    /// Compresses bytes, if that makes them fewer.
    ///
    /// - Parameters:
    ///   - bytes: What to compress.
    ///   - level: 1 to 9 as in zlib, or -1 for the default, which is 6. At 0 nothing is compressed.
    ///   - format: The container format of the result.
    /// - Returns: A stream shorter than `bytes`, or `nil`. Give it to ``recycle(_:)`` after use.
    func compress(_ bytes: RawSpan, level: Int, as format: Format = .zlib) -> HeapBytes? {
        guard level != 0, bytes.byteCount > 0, let compressor = unsafe compressor(level: level) else { return nil }
        // No room for more than the value, because a longer stream is of no use; but older versions of libdeflate leave
        // the last eight bytes alone, and a stream that is one byte shorter must fit.
        guard var result = takeBlock(atLeast: bytes.byteCount + 8) else { return nil }
        let isSmaller = unsafe result.fill { output in
            let compress = format == .zlib ? unsafe libdeflate_zlib_compress : unsafe libdeflate_gzip_compress
            let count = unsafe bytes.withUnsafeBytes { input in
                unsafe compress(
                    compressor,
                    input.baseAddress,
                    input.count,
                    output.baseAddress,
                    bytes.byteCount + 8
                )
            }
            return (1..<bytes.byteCount).contains(count) ? count : nil
        }
        if isSmaller { return result }
        recycle(result)
        return nil
    }

    /// Lends the compressed form of bytes, or `nil` where ``compress(_:level:as:)`` gives nothing.
    ///
    /// Nothing is copied, and the memory is used again afterwards. `body` may use this object.
    func withCompressed<R, E: Error>(
        _ bytes: RawSpan,
        level: Int,
        as format: Format = .zlib,
        _ body: (RawSpan?) throws(E) -> R
    ) throws(E) -> R {
        guard let result = compress(bytes, level: level, as: format) else { return try body(nil) }
        let value = try result.withRawSpan { span throws(E) in try body(span) }
        recycle(result)
        return value
    }

    private func compressor(level: Int) -> OpaquePointer? {
        // libdeflate's levels from 9 on look for the shortest stream and take longer than zlib's; its 8 is already
        // shorter than zlib's 9.
        let index = level < 0 ? 6 : min(level, 8)
        if unsafe compressors[index] == nil {
            unsafe compressors[index] = unsafe libdeflate_alloc_compressor(CInt(index))
        }
        return unsafe compressors[index]
    }

    // MARK: - Inflating

    /// Inflates a stream of unknown length.
    ///
    /// - Parameters:
    ///   - bytes: One whole stream.
    ///   - limit: How many bytes it may stand for. No more memory than this is ever taken.
    ///   - format: Its container format.
    /// - Returns: The inflated bytes. Give them to ``recycle(_:)`` after use, or take over the block.
    /// - Throws: If the stream is not whole, or too long when inflated.
    func inflate(_ bytes: RawSpan, limit: Int, as format: Format = .zlib) throws(InflateError) -> HeapBytes {
        if unsafe decompressor == nil { unsafe decompressor = unsafe libdeflate_alloc_decompressor() }
        guard let decompressor = unsafe decompressor else { throw .outOfMemory }
        let largest = bytes.byteCount.saturated(times: Self.bestRatio)
        let most = max(0, min(largest, limit))
        // JSON shrinks to between a fifth and a tenth. A retry starts from the beginning, and unused memory costs
        // nothing.
        var capacity = min(max(bytes.byteCount.saturated(times: 16), 1 << 12), most)
        while true {
            guard var result = takeBlock(atLeast: capacity) else { throw .outOfMemory }
            // A spare block may be larger than asked for, and is used to its full length, up to the limit.
            capacity = min(result.capacity, most)
            var status = LIBDEFLATE_SUCCESS
            let isComplete = unsafe result.fill { output in
                var consumed = 0
                var count = 0
                let inflate =
                    format == .zlib ? unsafe libdeflate_zlib_decompress_ex : unsafe libdeflate_gzip_decompress_ex
                unsafe bytes.withUnsafeBytes { input in
                    status = unsafe inflate(
                        decompressor,
                        input.baseAddress,
                        input.count,
                        output.baseAddress,
                        capacity,
                        &consumed,
                        &count
                    )
                }
                return status == LIBDEFLATE_SUCCESS && consumed == bytes.byteCount ? count : nil
            }
            if isComplete { return result }
            recycle(result)
            guard status == LIBDEFLATE_INSUFFICIENT_SPACE else { throw .corrupt }
            guard capacity < most else { throw most < largest ? .tooLarge : .corrupt }
            capacity = min(capacity.saturated(times: 4), most)
        }
    }

    // MARK: - Blocks

    /// Keeps a block for the next call, unless it is very large.
    func recycle(_ block: consuming HeapBytes) {
        if block.capacity <= Self.largestSpare { spare = consume block }
    }

    private func takeBlock(atLeast capacity: Int) -> HeapBytes? {
        if let block = spare.take(), block.capacity >= capacity { return block }
        return HeapBytes(capacity: capacity)
    }
}

extension Int {
    /// The product, or the largest number if that is too small.
    fileprivate func saturated(times factor: Int) -> Int {
        let (product, overflows) = multipliedReportingOverflow(by: factor)
        return overflows ? .max : product
    }
}
