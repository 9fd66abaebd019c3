internal import CLibMemcached

// Commands that go in the text protocol, over connections of this library's own, while others go in the binary one.

extension Handle {
    /// The connection to a server for a command in the text protocol; nil if the command has to take the usual path.
    ///
    /// The usual path is for the first request to a server after connections have been closed, because libmemcached
    /// decides whether the server can be reached, and for a server that has not recovered after a time-out. Requests
    /// without a reply are waited for, so that the command sees their effect. Must run after ``begin`` or
    /// ``settleBefore()``.
    func textStream(_ position: Int, _ routing: RawSpan, _ operation: Operation) -> LineStream? {
        guard let text else { return nil }
        if _slowPath(needsSettling) {
            guard !unasked.contains(position), !connecting.contains(position), !stalls.knows(position) else {
                return nil
            }
        }
        if _slowPath(!quietWrites.isEmpty), !settleQuietWrites(position, routing, operation) { return nil }
        if let stream = text.streams[position] {
            if _fastPath(stream.begin(isShort: text.callIsShort)) { return stream }
            text.close(position)
        }
        return connectInText(position, text, operation)
    }

    /// The same for a command that can't be repeated: the connection is known to have been open a moment ago.
    func checkedTextStream(_ position: Int, _ routing: RawSpan, _ operation: Operation) -> LineStream? {
        guard let stream = textStream(position, routing, operation) else { return nil }
        if _fastPath(stream.isIdle) { return stream }
        text?.close(position)
        return textStream(position, routing, operation)
    }

    /// Waits until a server has carried out the requests without a reply; false if it does not answer.
    private func settleQuietWrites(_ position: Int, _ routing: RawSpan, _ operation: Operation) -> Bool {
        guard quietWrites[position, default: 0] > 0 else { return true }
        probed.remove(position)
        do throws(MemcachedError) {
            try probe(routing, operation)
            quietWrites[position] = nil
            return true
        } catch {
            // The command will have the same failure, and report it.
            settle()
            return false
        }
    }

    @inline(never)
    private func connectInText(_ position: Int, _ text: TextConnections, _ operation: Operation) -> LineStream? {
        guard text.mayConnect(position) else { return nil }
        text.note(openTextConnection(servers[position], operation), position)
        return text.streams[position]
    }

    /// Connects to a server, and checks whether it speaks the text protocol.
    ///
    /// It takes half a time-out at most: then the command goes in the binary protocol, where it may have to wait for a
    /// whole one.
    private func openTextConnection(_ server: Server, _ operation: Operation) -> TextConnections.Opening {
        let behaviors = configuration.behaviors
        var patience = patience
        let end = Moment.now + min(textTimeout / 2, .milliseconds(500))
        patience.end = min(patience.end, end)
        guard let socket = try? AdminConnection.connect(to: server, patience, operation) else {
            return .failed
        }
        socket.tune(
            keepsAlive: behaviors.tcpKeepalive == true,
            idle: behaviors.tcpKeepidle?.roundedUp(to: .seconds),
            sendSize: behaviors.socketSendSize,
            receiveSize: behaviors.socketRecvSize
        )
        let stream = LineStream(socket, waitLimit: textTimeout) { [unowned self] in endOfCall }
        stream.limitWaits(until: end)
        // A server that reads headers of 24 bytes would wait for the end of one.
        let questions = 3
        for _ in 0..<questions { stream.collect("version\r\n") }
        var ending = stream.send()
        for _ in 0..<questions where ending == .done {
            guard let length = stream.line(&ending) else { break }
            let line = unsafe stream.unread.prefix(length)
            guard unsafe line.starts(with: "VERSION ".utf8) else {
                // "ERROR Too many open connections" may be temporary.
                return unsafe line.starts(with: "ERROR ".utf8) ? .failed : .refused
            }
            stream.skipLine(length)
        }
        switch ending {
        case .done: return stream.begin(isShort: text?.callIsShort == true) ? .accepted(stream) : .refused
        case .late: return .failed
        case .closed: return .refused
        }
    }

    /// How long a server may take to answer.
    var textTimeout: Duration { min(.milliseconds(unsafe Int(pointer.pointee.poll_timeout)), commandTimeout) }

    /// Closes the connection to a server that did not answer in time, and makes the error.
    func lateInText(_ operation: Operation, at position: Int, isWrite: Bool = false, key: String? = nil)
        -> MemcachedError
    {
        text?.close(position)
        var error = MemcachedError(
            code: .timeout,
            operation: operation,
            detail: sentence(for: MEMCACHED_TIMEOUT),
            key: key,
            server: servers[position]
        )
        error.isOutcomeUnknown = isWrite
        noteTimeout(position)
        return inTime(error, operation, at: position)
    }

    /// Closes a connection that broke, or that received something other than a reply, while a command that can't be
    /// repeated was under way, and makes the error.
    func brokenInText(_ operation: Operation, at position: Int, key: String? = nil) -> MemcachedError {
        text?.close(position)
        var error = MemcachedError(
            code: .connectionFailure,
            operation: operation,
            detail: "the connection broke before there was a reply",
            key: key,
            server: servers[position]
        )
        error.isOutcomeUnknown = true
        return error
    }

    /// Adds a key to the bytes to be sent, as it is on the wire.
    @inline(__always)
    func collect(_ key: UnsafeRawPointer, _ count: Int, in stream: LineStream) {
        if _slowPath(!traits.namespace.isEmpty) { traits.namespace.withRawSpan { stream.collect($0) } }
        unsafe stream.collect(key, count)
    }
}
