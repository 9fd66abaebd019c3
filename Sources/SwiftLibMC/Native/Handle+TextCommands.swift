// Commands whose request and reply are one line each in the text protocol.

/// The meaning of a server's line about one key.
enum TextVerdict {
    case done
    case missing
    case counted(UInt64)
    /// The server did not carry out the command, with the reason.
    case refused(MemcachedError)
    /// The line is no reply to the command.
    case nonsense
}

extension Handle {
    /// Counts an item in the text protocol, where the replies can't harm libmemcached (hazard 97).
    ///
    /// - Returns: The outcome; nil if the command has to take the usual path.
    func countInText(_ change: Counting, _ key: RawSpan, _ routing: RawSpan) throws(MemcachedError) -> TextVerdict? {
        guard key.hasNoBlanks else { return nil }
        let position = position(of: routing)
        guard let stream = checkedTextStream(position, routing, change.operation) else { return nil }
        stream.collect(change.goesUp ? "incr " : "decr ")
        unsafe key.withUnsafeBytes { unsafe collect($0.baseAddress.unsafelyUnwrapped, $0.count, in: stream) }
        stream.collect(" ")
        change.delta.withDecimalText { stream.collect($0) }
        stream.collect("\r\n")
        var ending = stream.send()
        if ending == .done, let verdict = verdict(from: stream, nil, change.operation, at: position, &ending) {
            switch verdict {
            case .refused(var error):
                error.key = key.text
                if error.code != .notNumeric { text?.close(position) }
                throw error
            case .nonsense: break
            default: return verdict
            }
        }
        if ending == .late { throw lateInText(change.operation, at: position, isWrite: true, key: key.text) }
        throw brokenInText(change.operation, at: position, key: key.text)
    }

    /// Reads a line, which is `success` if the command was carried out, or a number if `success` is nil; nil if there
    /// is no line.
    private func verdict(
        from stream: LineStream,
        _ success: StaticString?,
        _ operation: Operation,
        at position: Int,
        _ ending: inout LineStream.Ending
    ) -> TextVerdict? {
        guard let length = stream.line(&ending) else { return nil }
        let line = unsafe UnsafeRawBufferPointer(rebasing: stream.unread[..<length]).bytes
        let verdict = verdict(of: line, success, operation, at: position)
        stream.skipLine(length)
        return verdict
    }

    private func verdict(
        of line: RawSpan,
        _ success: StaticString?,
        _ operation: Operation,
        at position: Int
    ) -> TextVerdict {
        if let success {
            if line.is(success) { return .done }
        } else if case .value(let number) = DecimalText<UInt64>(line) {
            return .counted(number)
        }
        if line.is("NOT_FOUND") || line.is("NOT_STORED") { return .missing }
        let words = line.text
        guard let code = Self.code(ofErrorLine: words) else { return .nonsense }
        var error = MemcachedError(
            code: code,
            operation: operation,
            detail: code == .notNumeric ? Self.notNumericDetail : Self.cleaned(words),
            server: servers[position]
        )
        // A proxy may answer this when it stops waiting for the server behind it.
        error.isOutcomeUnknown = code == .serverError
        return .refused(error)
    }

    private static func code(ofErrorLine words: String) -> MemcachedError.Code? {
        if words.hasPrefix("SERVER_ERROR") {
            if words.contains("too large") { return .tooBig }
            return words.contains("out of memory") ? .serverMemoryAllocationFailure : .serverError
        }
        if words.hasPrefix("CLIENT_ERROR") { return words.contains("non-numeric") ? .notNumeric : .clientError }
        return words == "ERROR" || words.hasPrefix("ERROR ") ? .error : nil
    }

    // MARK: - Many

    /// The outcome for many keys.
    struct TextRun {
        var outcome = ManyOutcome()
        var values: [UInt64?] = []
    }

    /// The servers' parts of a run.
    private struct Part {
        let position: Int
        let stream: LineStream
        var rest: ArraySlice<Int>
        var asked: ArraySlice<Int> = []
        var ending = LineStream.Ending.done
    }

    /// How many bytes of requests may be in flight to a server.
    private static var longestBatch: Int { 32 << 10 }

    /// Sends a command for each key, all of them at once, and reads the replies.
    ///
    /// - Parameters:
    ///   - keys: The keys.
    ///   - verb: The command before the key, with a blank.
    ///   - success: The server's reply if it has carried out the command; nil for a number.
    ///   - collectRest: Adds what follows the key to the bytes to be sent.
    /// - Returns: The outcome; nil if the keys have to take the usual path, because some server's can't be sent in
    ///   text.
    func runInText(
        _ keys: KeyList,
        _ verb: StaticString,
        success: StaticString?,
        _ collectRest: (_ index: Int, LineStream) -> Void
    ) -> TextRun? {
        guard text != nil, keys.count > 1, keys.canGoInText else { return nil }
        if mustSettle { settleBefore() }
        guard var parts = parts(keys) else { return nil }
        var run = TextRun()
        run.values = [UInt64?](repeating: nil, count: keys.count)
        while !parts.isEmpty {
            for place in parts.indices { send(&parts[place], keys, verb: verb, collectRest) }
            var isLate = false
            for place in parts.indices {
                // All servers were asked at the same time.
                if isLate { parts[place].stream.stopWaiting() }
                receive(&parts[place], keys, success: success, into: &run)
                isLate = isLate || parts[place].ending == .late
            }
            for part in parts where part.ending != .done {
                run.outcome.failed += part.asked + part.rest
                run.outcome.failures[part.position] =
                    part.ending == .late
                    ? lateInText(keys.operation, at: part.position, isWrite: true)
                    : brokenInText(keys.operation, at: part.position)
            }
            parts.removeAll { $0.ending != .done || $0.rest.isEmpty }
        }
        run.outcome.failed.sort()
        return run
    }

    private func parts(_ keys: KeyList) -> [Part]? {
        refreshPlacement()
        var groups: [Int: [Int]] = [:]
        if servers.count == 1 {
            groups[0] = Array(keys.indices)
        } else {
            for index in keys.indices {
                groups[keys.withKey(index) { _, routing in position(of: routing) }, default: []].append(index)
            }
        }
        var parts: [Part] = []
        for (position, indices) in groups {
            let stream = keys.withKey(indices[0]) { _, routing in
                checkedTextStream(position, routing, keys.operation)
            }
            guard let stream else { return nil }
            parts.append(Part(position: position, stream: stream, rest: indices[...]))
        }
        return parts
    }

    private func send(
        _ part: inout Part,
        _ keys: KeyList,
        verb: StaticString,
        _ collectRest: (_ index: Int, LineStream) -> Void
    ) {
        let stream = part.stream
        var count = 0
        unsafe keys.withPackedKeys { bytes, ends in
            let base = unsafe bytes.baseAddress.unsafelyUnwrapped
            for index in part.rest {
                let start = unsafe ends[index]
                stream.collect(verb)
                unsafe collect(base + start, ends[index + 1] - start, in: stream)
                collectRest(index, stream)
                count += 1
                if stream.collectedCount >= Self.longestBatch { break }
            }
        }
        part.asked = part.rest.prefix(count)
        part.rest = part.rest.dropFirst(count)
        part.ending = stream.send()
    }

    /// Reads the replies to the sent requests; those that don't arrive are left in `asked`.
    private func receive(_ part: inout Part, _ keys: KeyList, success: StaticString?, into run: inout TextRun) {
        while part.ending == .done, let index = part.asked.first {
            guard
                let verdict = verdict(from: part.stream, success, keys.operation, at: part.position, &part.ending)
            else { return }
            switch verdict {
            case .done: break
            case .missing: run.outcome.failed.append(index)
            case .counted(let value): run.values[index] = value
            case .refused(var error):
                error.key = keys.text(index)
                run.outcome.failed.append(index)
                if error.isErrorLine, !error.isAboutOneItem {
                    run.outcome.keyFailures[index] = error
                } else {
                    run.outcome.refusals[index] = error
                }
            case .nonsense:
                part.ending = .closed
                return
            }
            part.asked.removeFirst()
        }
    }
}

extension RawSpan {
    /// Whether the bytes are this text.
    @inline(__always)
    fileprivate func `is`(_ text: StaticString) -> Bool {
        guard byteCount == text.utf8CodeUnitCount else { return false }
        return unsafe withUnsafeBytes { bytes in
            unsafe bytes.elementsEqual(UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
        }
    }
}
