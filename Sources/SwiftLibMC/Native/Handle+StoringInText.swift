extension Handle {
    /// Stores many values if their keys are there, or are not: commands that libmemcached can't buffer.
    ///
    /// Large values go the usual way, which keeps none of them; so do times that are a negative number in text.
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
