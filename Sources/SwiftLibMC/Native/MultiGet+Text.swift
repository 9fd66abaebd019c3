internal import CPlatform

// Multi-gets in the text protocol, which a server answers with half the work.

extension MultiGet {
    /// The longest line of a request, give or take a key.
    private static var longestTextLine: Int { 16 << 10 }

    /// Fetches the keys that can be fetched in the text protocol.
    ///
    /// - Returns: The keys that are still to be fetched on the usual path; nil for all of them.
    mutating func fetchInText(_ meanwhile: () -> Void, _ taking: Taking) throws(MemcachedError) -> [Int]? {
        guard keys.count > 1, keys.canGoInText else { return nil }
        if handle.servers.count == 1 {
            guard let stream = stream(to: 0, for: 0) else { return nil }
            return try fetch(keys.indices, from: 0, over: stream, meanwhile, taking)
        }
        return try fetchFromMany(meanwhile, taking)
    }

    private func stream(to position: Int, for index: Int) -> LineStream? {
        keys.withKey(index) { _, routing in handle.textStream(position, routing, operation) }
    }

    // MARK: - One server

    /// Returns the keys that could not be asked for.
    private mutating func fetch(
        _ indices: Range<Int>,
        from position: Int,
        over stream: LineStream,
        _ meanwhile: () -> Void,
        _ taking: Taking
    ) throws(MemcachedError) -> [Int] {
        var start = indices.lowerBound
        while start < indices.upperBound {
            let count = collectLine(indices[start...], stream)
            let chunk = start..<start + count
            var ending = TextEnding(stream.send())
            if start == indices.lowerBound { meanwhile() }
            if ending == .done { ending = try taking(&self, Candidates(chunk), stream).inText }
            guard ending == .done else {
                return try leave(
                    position,
                    ending,
                    chunk.filter { !found[$0] } + Array(chunk.upperBound..<indices.upperBound)
                )
            }
            start = chunk.upperBound
        }
        return []
    }

    // MARK: - Many servers

    private struct Part {
        let position: Int
        let stream: LineStream
        var rest: ArraySlice<Int>
        var asked: ArraySlice<Int> = []
        var ending = TextEnding.done
    }

    private mutating func fetchFromMany(
        _ meanwhile: () -> Void,
        _ taking: Taking
    ) throws(MemcachedError) -> [Int]? {
        var others: [Int] = []
        var parts: [Part] = []
        for (position, indices) in groups(of: keys.indices) {
            if let stream = stream(to: position, for: indices[0]) {
                parts.append(Part(position: position, stream: stream, rest: indices[...]))
            } else {
                others += indices
            }
        }
        if parts.isEmpty { return nil }
        var isFirst = true
        while !parts.isEmpty {
            for place in parts.indices {
                let count = collectLine(parts[place].rest, parts[place].stream)
                parts[place].asked = parts[place].rest.prefix(count)
                parts[place].rest = parts[place].rest.dropFirst(count)
                parts[place].ending = TextEnding(parts[place].stream.send())
            }
            if isFirst { meanwhile() }
            isFirst = false
            var isLate = false
            for place in parts.indices where parts[place].ending == .done {
                // All servers were asked at the same time.
                if isLate { parts[place].stream.stopWaiting() }
                parts[place].ending = try take(parts[place].asked, parts[place].stream, taking).inText
                isLate = isLate || parts[place].ending == .late
            }
            for part in parts where part.ending != .done {
                others += try leave(part.position, part.ending, part.asked.filter { !found[$0] } + part.rest)
            }
            parts.removeAll { $0.ending != .done || $0.rest.isEmpty }
        }
        return others
    }

    // MARK: - Requests and replies

    /// Writes a line that asks for the first of some keys; returns how many.
    private func collectLine(_ indices: some RandomAccessCollection<Int>, _ stream: LineStream) -> Int {
        unsafe keys.withPackedKeys { bytes, ends in
            let base = unsafe bytes.baseAddress.unsafelyUnwrapped
            var count = 0
            let hasNamespace = !handle.traits.namespace.isEmpty
            stream.collect(withCAS ? "gets" : "get")
            for index in indices {
                let start = unsafe ends[index]
                let length = unsafe ends[index + 1] - start
                if _slowPath(hasNamespace) {
                    stream.collect(" ")
                    unsafe handle.collect(base + start, length, in: stream)
                } else {
                    unsafe stream.collectWord(base + start, length)
                }
                count += 1
                // One more key does no harm.
                if stream.collectedCount > Self.longestTextLine - 512 { break }
            }
            stream.collect("\r\n")
            return count
        }
    }

    /// What remains to be done after a server did not answer for these keys.
    private mutating func leave(
        _ position: Int,
        _ ending: TextEnding,
        _ missing: [Int]
    ) throws(MemcachedError) -> [Int] {
        switch ending {
        case .done: return []
        case .late:
            failures[position] = handle.lateInText(operation, at: position)
            return []
        case .closed:
            handle.text?.close(position)
            return missing
        case .unasked:
            throw unasked()
        }
    }

    /// Takes the reply to one line, up to its `END`.
    mutating func take(
        _ candidates: Candidates,
        _ stream: LineStream,
        _ sink: inout some ItemSink
    ) -> TextEnding {
        let reader = TextItemReader(
            stream: stream,
            namespace: handle.traits.namespace,
            withCAS: withCAS,
            longest: handle.maxValueBytes
        )
        // Taken out during the loop: there is an item every fifty nanoseconds.
        var found = [Bool]()
        swap(&found, &self.found)
        defer { swap(&found, &self.found) }
        return unsafe keys.withPackedKeys { bytes, ends in
            let base = unsafe bytes.baseAddress.unsafelyUnwrapped
            var cursor = 0
            while true {
                // Nearly every item belongs to the next key.
                if cursor != candidates.count {
                    let index = candidates[cursor]
                    let start = unsafe ends[index]
                    let isTaken =
                        unsafe !found[index]
                        && reader.takeItem(of: base + start, ends[index + 1] - start) { value, flags, cas in
                            found[index] = true
                            sink.take(value, of: index, flags: flags, cas: cas)
                        }
                    if isTaken {
                        cursor += 1
                        continue
                    }
                }
                var item = TextItemReader.Item()
                switch reader.next(&item) {
                case .item: break
                case .end: return .done
                case .failed(let ending): return ending
                }
                // Replies come in the order of the keys, without those that are missing.
                var index = -1
                var isWrapped = false
                while true {
                    if cursor == candidates.count {
                        if isWrapped { return .unasked }
                        isWrapped = true
                        cursor = 0
                        continue
                    }
                    let candidate = candidates[cursor]
                    cursor += 1
                    let start = unsafe ends[candidate]
                    if unsafe !found[candidate] && reader.isKey(of: item, base + start, ends[candidate + 1] - start) {
                        index = candidate
                        break
                    }
                }
                let ending = reader.withValue(of: item) { value in
                    found[index] = true
                    sink.take(value, of: index, flags: item.flags, cas: item.cas)
                }
                if ending != .done { return ending }
            }
        }
    }
}

/// How the replies to a request in the text protocol ended.
enum TextEnding {
    case done
    case late
    /// The connection was closed, or broke, or something other than a reply arrived.
    case closed
    /// An item arrived that was not asked for.
    case unasked

    init(_ ending: LineStream.Ending) {
        switch ending {
        case .done: self = .done
        case .late: self = .late
        case .closed: self = .closed
        }
    }
}
