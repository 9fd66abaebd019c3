/// Which bytes make a key.
///
/// Checked here, in both protocols, before libmemcached sees the key: it checks too little, and a bad key
/// desynchronises the connection or ends the process (hazards 38–43).
@usableFromInline
struct KeyRules: Hashable, Sendable {
    /// The longest key in bytes: 250 less the namespace.
    @usableFromInline let maximumLength: Int
    /// Whether the ASCII protocol carries the key, so that blanks and control bytes would end it.
    @usableFromInline let isText: Bool

    /// Throws `.badKey` unless `key` can be sent.
    @inline(__always)
    func check(_ key: RawSpan, for operation: Operation) throws(MemcachedError) {
        guard _fastPath(accepts(key)) else { throw refusal(of: key, for: operation) }
    }

    /// Whether `key` can be sent.
    @inline(__always)
    func accepts(_ key: RawSpan) -> Bool {
        let count = key.byteCount
        guard count > 0, count <= maximumLength else { return false }
        return !isText || Self.isText(key)
    }

    /// Whether no byte is a blank or a control byte.
    ///
    /// Without a branch per byte, so that the loop can be vectorised.
    @inline(never)
    private static func isText(_ key: RawSpan) -> Bool {
        unsafe key.withUnsafeBytes { bytes in
            var bad: UInt8 = 0
            for index in bytes.indices {
                let byte = unsafe bytes[index]
                bad |= (byte <= 0x20 ? 1 : 0) | (byte == 0x7F ? 1 : 0)
            }
            return bad == 0
        }
    }

    /// The error for a key that was not accepted, saying what is wrong with it.
    @inline(never)
    func refusal(of key: RawSpan, for operation: Operation) -> MemcachedError {
        let problem = problem(of: key)
        return MemcachedError(
            code: .badKey,
            operation: operation.rawValue,
            detail: problem.description,
            key: key.text,
            underlying: problem
        )
    }

    private func problem(of key: RawSpan) -> KeyProblem {
        if key.byteCount == 0 { return .empty }
        if key.byteCount > maximumLength { return .tooLong(bytes: key.byteCount, limit: maximumLength) }
        let bytes = Array(copying: key)
        let offset = bytes.firstIndex { $0 <= 0x20 || $0 == 0x7F } ?? 0
        return .forbiddenByte(bytes[offset], offset: offset)
    }
}
