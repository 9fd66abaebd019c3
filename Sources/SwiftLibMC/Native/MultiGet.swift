internal import CLibMemcached
internal import CPlatform

/// One multi-get: sends the keys in chunks, takes every reply, and knows for each key that was not found whether its
/// server said so.
///
/// It uses chunks because libmemcached writes all requests before it reads a reply: a large request would never return
/// (hazard 34).
@safe
struct MultiGet {
    private static let chunkBytes = 64 << 10
    /// Some services accept no longer lines of text.
    private static let longestLine = 16 << 10
    private static let requestHeader = 24

    let handle: Handle
    let keys: KeyList
    let operation: Operation
    /// Whether the ASCII protocol has to ask for versions.
    let withCAS: Bool

    /// Which keys were found.
    var found: [Bool]
    /// The servers that could not be asked for all of their keys.
    var failures: [Int: MemcachedError] = [:]
    /// The errors of keys whose server answered with an error line, as a proxy does for some of its servers.
    var keyFailures: [Int: MemcachedError] = [:]
    var budget: ErrorLineBudget

    init(_ keys: KeyList, on handle: Handle, withCAS: Bool) {
        self.handle = handle
        self.keys = keys
        operation = keys.operation
        self.withCAS = withCAS
        found = [Bool](repeating: false, count: keys.count)
        budget = ErrorLineBudget(limit: handle.errorLineLimit)
    }

    /// Fetches everything, with a function that takes in replies.
    mutating func run(_ meanwhile: () -> Void, _ taking: Taking) throws(MemcachedError) {
        try handle.refuseReadsOverUDP(keys)
        let isLimited = handle.limitCall(until: keys.endOfCall)
        defer { handle.unlimitCall(isLimited) }
        let whole = handle.startCall(asksAtOnce: handle.text == nil)
        defer { handle.endCall(whole) }
        if handle.mustSettle { handle.settleBefore() }
        if handle.text != nil, let rest = try fetchInText(meanwhile, taking) {
            return rest.isEmpty ? () : try fetchServerByServer(inChunks: rest, taking)
        }
        let call = handle.startCall(asksAtOnce: handle.text != nil)
        defer { handle.endCall(call) }
        let needsVersions = withCAS && !handle.traits.isBinary
        if needsVersions { unsafe handle.pointer.pointee.flags.support_cas = true }
        defer { if needsVersions { unsafe handle.pointer.pointee.flags.support_cas = false } }

        var start = 0
        while start < keys.count {
            let end = endOfChunk(from: start)
            handle.ask(groups(of: start..<end).map(\.position))
            if keys.isGrouped || handle.isOverdue || !failures.isEmpty || !handle.stalls.isEmpty {
                try fetchServerByServer(Array(start..<end), taking)
            } else {
                try fetchTogether(start..<end, meanwhile, taking)
            }
            start = end
        }
    }

    private func endOfChunk(from start: Int) -> Int {
        let rest = keys.count - start
        let isBinary = handle.traits.isBinary
        // In the ASCII protocol a request is one line: "gets", a blank, a namespace and a key for each, the line's end.
        let most = isBinary ? Self.chunkBytes : Self.longestLine - 6
        let extra = isBinary ? Self.requestHeader : 251 - handle.traits.keyRules.maximumLength
        if rest <= KeyPointers.capacity, rest * extra + keys.byteCount <= most { return keys.count }
        var end = start
        var bytes = 0
        while end < keys.count, end - start < KeyPointers.capacity {
            bytes += extra + keys.length(end)
            if bytes > most, end > start { break }
            end += 1
        }
        return end
    }

    // MARK: - All servers at once

    private mutating func fetchTogether(
        _ range: Range<Int>,
        _ meanwhile: () -> Void,
        _ taking: Taking
    ) throws(MemcachedError) {
        let sent = unsafe sending(range) { pointers, lengths in
            unsafe memcached_mget(handle.pointer, pointers, lengths, range.count)
        }
        let many = handle.servers.count > 1
        // Which servers were sent something; only read if something goes wrong.
        var wasSent = [Bool]()
        if many { wasSent = handle.servers.indices.map { handle.pendingReplies($0) > 0 } }

        meanwhile()
        let ending = try taking(&self, Candidates(range), nil)
        let isComplete = sent == MEMCACHED_SUCCESS && ending.code == MEMCACHED_END && !ending.isStalled
        if _slowPath(handle.valueLimit.hasRefused) {
            handle.markInDoubt()
            handle.settle()
            return try fetchServerByServer(range.filter { !found[$0] }, taking)
        }
        // An error in spite of that means that a connection was replaced while requests were sent, and the earlier ones
        // are lost.
        if isComplete, handle.sawNoError { return }

        try settle(
            range,
            wasSent: many ? wasSent : [sent == MEMCACHED_SUCCESS],
            isComplete: isComplete,
            ending,
            taking
        )
    }

    /// Something failed somewhere: finds out which of the missing keys are affected.
    private mutating func settle(
        _ range: Range<Int>,
        wasSent: [Bool],
        isComplete: Bool,
        _ ending: Ending,
        _ taking: Taking
    ) throws(MemcachedError) {
        var unsure: [Int] = []
        var causes: [Int: MemcachedError] = [:]
        for (position, indices) in groups(of: range.filter { !found[$0] }) {
            // The server's last error, which may be older than this call; then its keys are asked for again, which is
            // correct, too.
            let error = unsafe memcached_server_error_return(handle.instance(position))
            if handle.pendingReplies(position) > 0 || (ending.sawTimeout && error == MEMCACHED_TIMEOUT) {
                failures[position] = handle.failure(MEMCACHED_TIMEOUT, operation, at: position)
            } else if !wasSent[position], let cause = handle.promoteCause(at: position) {
                let isUnsent = cause.isOfConnecting
                let error = handle.failure(cause.code, operation, at: position, isUnsent: isUnsent, isFinal: false)
                // A server that takes a connection and resets it may take the next one; a server that refuses it, or
                // does not answer, is not tried again.
                if hasMovableKeys || error.isBrokenConnection && (!error.isUnsent || error.systemErrno == ECONNRESET) {
                    causes[position] = error
                    unsure += indices
                } else {
                    failures[position] = handle.concluding(error, error, at: position)
                }
            } else if error != MEMCACHED_SUCCESS || !wasSent[position] || ending.sawRefusal || hasMovableKeys {
                unsure += indices
            }
        }
        if !isComplete {
            handle.markInDoubt()
            handle.settle()
        }
        // In the ASCII protocol the result may be a success although a server could not be reached.
        handle.forgetFailedConnection()
        if !unsure.isEmpty { try fetchServerByServer(unsure, after: causes, taking) }
    }

    /// Whether a key may have moved to another server since it was asked for.
    private var hasMovableKeys: Bool { handle.traits.ejectsServers }

    // MARK: - One server at a time

    /// Fetches any number of keys.
    private mutating func fetchServerByServer(
        inChunks indices: [Int],
        _ taking: Taking
    ) throws(MemcachedError) {
        let call = handle.startCall()
        defer { handle.endCall(call) }
        var rest = indices[...]
        while !rest.isEmpty {
            var bytes = 0
            let chunk = rest.prefix(KeyPointers.capacity).prefix { index in
                bytes += Self.requestHeader + keys.length(index)
                return bytes <= Self.chunkBytes
            }
            try fetchServerByServer(Array(chunk), taking)
            rest = rest.dropFirst(chunk.count)
        }
    }

    /// Fetches keys of any servers; `firstErrors` are the errors of an earlier attempt.
    private mutating func fetchServerByServer(
        _ indices: [Int],
        after firstErrors: [Int: MemcachedError] = [:],
        _ taking: Taking
    ) throws(MemcachedError) {
        var open = indices
        var firstErrors = firstErrors
        var rounds = handle.traits.ejectsServers ? 4 : 1
        while !open.isEmpty {
            var again: [Int] = []
            for (position, indices) in groups(of: open) where failures[position] == nil {
                if let refusal = keys.withKey(indices[0], { key, _ in handle.refusal(position, operation, key: key) }) {
                    failures[position] = refusal
                    continue
                }
                handle.stalls.ask(position)
                guard let error = try fetch(indices, from: position, taking) else { continue }
                if error.code == .error {
                    let explained = handle.explainingFullServer(error, at: position)
                    if explained.code != .error {
                        failures[position] = explained
                        continue
                    }
                }
                if error.maySpareOtherKeys {
                    try fetchInParts(indices, from: position, after: error, taking)
                    continue
                }
                let first = firstErrors[position] ?? error
                firstErrors[position] = first
                if rounds > 0, error.maySucceedAtOnce(withFailover: handle.traits.ejectsServers) {
                    again += indices.filter { !found[$0] }
                } else {
                    failures[position] = handle.concluding(first, error, at: position)
                }
            }
            rounds -= 1
            open = again
        }
    }

    /// Fetches keys of one server; returns the error, which is not final.
    mutating func fetch(
        _ indices: [Int],
        from position: Int,
        _ taking: Taking
    ) throws(MemcachedError) -> MemcachedError? {
        if handle.mustSettle { handle.settle() }
        if let refusal = handle.refusalOfTextServer(position, operation) { return refusal }
        handle.ask(position)
        let sent = unsafe sending(indices) { pointers, lengths in
            keys.withKey(indices[0]) { _, routing in
                unsafe routing.withUnsafeBytes { routing in
                    unsafe memcached_mget_by_key(
                        handle.pointer,
                        routing.characters,
                        routing.count,
                        pointers,
                        lengths,
                        indices.count
                    )
                }
            }
        }
        let wasSent = handle.pendingReplies(position) > 0
        let ending = try take(indices[...], nil, taking)
        let code: memcached_return_t
        var isUnsent = false
        if ending.isStalled {
            code = MEMCACHED_TIMEOUT
        } else if !wasSent, sent != MEMCACHED_SUCCESS {
            let cause = handle.promoteCause(at: position)
            code = cause?.code ?? sent
            isUnsent = cause?.isOfConnecting ?? false
        } else if wasSent, sent == MEMCACHED_SUCCESS, ending.code == MEMCACHED_END {
            if handle.sawNoError { return nil }
            // A connection was replaced while requests were sent; or only the first of the server's addresses refused.
            code = MEMCACHED_CONNECTION_FAILURE
        } else {
            code = ending.code
        }
        let accurate = handle.mostAccurate(code)
        let error = handle.failure(accurate, operation, at: position, isUnsent: isUnsent, isFinal: false)
        handle.settle()
        return error
    }

    /// Sends a request for keys, whose addresses and lengths libmemcached is given.
    @inline(__always)
    private func sending(
        _ indices: some Collection<Int>,
        _ send: (UnsafePointer<UnsafePointer<CChar>?>, UnsafePointer<Int>) -> memcached_return_t
    ) -> memcached_return_t {
        unsafe keys.withPackedKeys { bytes, ends in
            let pointers = unsafe handle.keyPointers.keys
            let lengths = unsafe handle.keyPointers.lengths
            let characters = unsafe bytes.characters
            var slot = 0
            for index in indices {
                unsafe pointers[slot] = characters.map { unsafe $0 + ends[index] }
                unsafe lengths[slot] = ends[index + 1] - ends[index]
                slot += 1
            }
            return unsafe send(pointers, lengths)
        }
    }

    func groups(of indices: some Collection<Int>) -> [(position: Int, indices: [Int])] {
        guard handle.servers.count > 1 else { return [(0, Array(indices))] }
        handle.refreshPlacement()
        var groups: [Int: [Int]] = [:]
        for index in indices {
            let position = keys.withKey(index) { _, routing in handle.position(of: routing) }
            groups[position, default: []].append(index)
        }
        return groups.sorted { $0.key < $1.key }.map { (position: $0.key, indices: $0.value) }
    }

    // MARK: - Replies

    struct Ending {
        var code: memcached_return_t
        /// How the reply ended, if it was asked for in the text protocol.
        var inText = TextEnding.done
        /// Replies are owed, and none arrived within the time-out.
        var isStalled = false
        var sawTimeout = false
        /// Some server refused, and the library doesn't say which.
        var sawRefusal = false

        init() { code = MEMCACHED_END }

        mutating func note(_ code: memcached_return_t) {
            switch code {
            case MEMCACHED_END: return
            case MEMCACHED_TIMEOUT: sawTimeout = true
            case MEMCACHED_CONNECTION_FAILURE: break
            default: sawRefusal = true
            }
            self.code = code
        }
    }

    /// Takes replies until none is owed any more, or no more arrive.
    mutating func take(
        _ candidates: Candidates,
        _ sink: inout some ItemSink
    ) throws(MemcachedError) -> Ending {
        let (handle, keys, longest) = (handle, keys, handle.maxValueBytes)
        let isUnasked: Bool
        var tooLong: [(index: Int, count: Int)] = []
        var ending = Ending()
        // Taken out during the loop: there is a reply every hundred nanoseconds.
        var found = [Bool]()
        swap(&found, &self.found)
        defer { swap(&found, &self.found) }
        isUnasked = unsafe keys.withPackedKeys { bytes, ends in
            unsafe found.withUnsafeMutableBufferPointer { found in
                var search = ReplySearch(0..<candidates.count, servers: handle.servers.count)
                // How many replies were owed when the last attempt brought nothing.
                var owedBefore = -1
                while true {
                    unsafe handle.pointer.pointee.result.count = 1
                    var code = MEMCACHED_SUCCESS
                    let fetched = unsafe memcached_fetch_result(handle.pointer, &handle.pointer.pointee.result, &code)
                    guard let result = unsafe fetched else {
                        ending.note(code)
                        // The rest of the value follows.
                        if _slowPath(handle.valueLimit.hasRefused) { return false }
                        let owed = handle.owedReplies
                        if owed == 0 || owed == owedBefore {
                            ending.isStalled = owed > 0
                            ending.sawTimeout = ending.sawTimeout || ending.isStalled
                            return false
                        }
                        owedBefore = owed
                        continue
                    }
                    owedBefore = -1
                    let asked = unsafe Asked(candidates: candidates, bytes: bytes, ends: ends, found: found)
                    if _slowPath(unsafe !asked.isReply(result, at: search.cursor)) {
                        guard unsafe asked.find(result, &search) else { return true }
                    }
                    guard let value = unsafe result.value else { return true }
                    let index = asked.candidates[search.cursor]
                    search.advance()
                    if _slowPath(value.count > longest) {
                        tooLong.append((index, value.count))
                        continue
                    }
                    unsafe found[index] = true
                    sink.take(
                        unsafe value.bytes,
                        of: index,
                        flags: unsafe Flags(rawValue: result.pointee.item_flags),
                        cas: unsafe CAS(rawValue: result.pointee.item_cas)
                    )
                }
            }
        }
        if _slowPath(!tooLong.isEmpty) { for (index, count) in tooLong { refuse(index, count) } }
        if isUnasked { throw unasked() }
        return ending
    }
}
