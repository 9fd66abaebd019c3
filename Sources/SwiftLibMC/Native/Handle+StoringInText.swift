extension Handle {
    /// Stores many values only if their keys exist, or don't: commands that libmemcached can't buffer.
    ///
    /// Large values take the usual path, which buffers none of them; so do times that are negative numbers in text.
    func storeInText(
        _ command: StoreCommand,
        _ keys: KeyList,
        _ values: StoredValues,
        expiration: UInt32
    ) -> ManyOutcome? {
        guard text != nil, command == .add || command == .replace, expiration <= Int32.max,
            values.largest <= Self.largestValueInText
        else { return nil }
        let call = startCall(asksAtOnce: false)
        defer { endCall(call) }
        let time = Array(" \(expiration) ".utf8)
        return runInText(keys, command == .add ? "add " : "replace ", success: "STORED") { index, stream in
            values.withValue(index) { value, flags in
                stream.collect(" ")
                flags.rawValue.withDecimalText { stream.collect($0) }
                time.withRawSpan { stream.collect($0) }
                value.byteCount.withDecimalText { stream.collect($0) }
                stream.collect("\r\n")
                stream.collect(value)
                stream.collect("\r\n")
            }
        }?.outcome
    }

    private static var largestValueInText: Int { 16 << 10 }
}
