internal import CPlatform

/// A connection of our own for requests and replies of text: what goes out is collected, and what has come in is kept
/// until it has been read.
@safe
final class LineStream {
    /// How sending or receiving has ended.
    enum Ending {
        case done
        /// The other side did not answer in time.
        case late
        /// The connection is at its end, or broken.
        case closed
    }

    private let socket: StreamSocket
    /// How long one wait may take.
    private let patience: Moment.Distance
    /// Says when the present call has to end.
    private let endOfCall: () -> Moment
    /// What it has said, from the second wait of a call on.
    private var end: Moment?
    private var isFirstWait = true
    /// How many calls there have been on this connection.
    private(set) var callCount = 0
    /// Whether the other side has had its time, while somebody else was waited for.
    private var isLate = false

    private var input: UnsafeMutableRawBufferPointer
    /// Where in the input is what has not been read yet.
    private var start = 0
    /// Where it ends.
    private var filled = 0
    private var output: UnsafeMutableRawBufferPointer
    private var collected = 0

    /// Takes over a connection.
    ///
    /// - Parameters:
    ///   - socket: The connection.
    ///   - patience: How long one wait may take.
    ///   - endOfCall: Says when the present call has to end; asked once in a call that waits more than once.
    init(_ socket: StreamSocket, patience: Duration, endOfCall: @escaping () -> Moment) {
        self.socket = socket
        self.patience = Moment.Distance(patience)
        self.endOfCall = endOfCall
        socket.letReadsWait(self.patience)
        unsafe input = .allocate(byteCount: Self.usualSize, alignment: 1)
        unsafe output = .allocate(byteCount: 4096, alignment: 1)
    }

    deinit {
        socket.close()
        unsafe input.deallocate()
        unsafe output.deallocate()
    }

    private static var usualSize: Int { 1 << 16 }
    /// A larger block is not kept when its last value has been read.
    private static var largestKept: Int { 1 << 21 }

    /// Begins a call: forgets what was to be sent.
    ///
    /// - Parameter isShort: Whether the call may have to end before the first wait does.
    /// - Returns: False if there is something to read that nobody has asked for, or the other side has closed the
    ///   connection, as far as that is known without a look.
    @inline(__always)
    func begin(isShort: Bool = false) -> Bool {
        collected = 0
        callCount += 1
        isFirstWait = !isShort
        isLate = false
        end = nil
        if _slowPath(unsafe input.count > Self.largestKept) { shrink() }
        return start == filled
    }

    /// Waits no longer in this call than until then.
    func hurry(until moment: Moment) {
        isFirstWait = false
        end = min(moment, endOfCall())
    }

    /// Waits no longer for the replies of this call than it takes to look for them.
    func hurry() {
        isFirstWait = false
        isLate = true
    }

    /// Whether nothing has come, and the connection is open.
    ///
    /// A server closes idle connections, and all of them when it is restarted. This takes a system call.
    var isIdle: Bool { start == filled && !socket.isReadable }

    // MARK: - Out

    /// How many bytes are to be sent.
    var collectedCount: Int { collected }

    /// Adds bytes to what is to be sent.
    @inline(__always)
    func collect(_ bytes: UnsafeRawPointer, _ count: Int) {
        if _slowPath(unsafe output.count - collected < count) { growOutput(by: count) }
        unsafe (output.baseAddress.unsafelyUnwrapped + collected).copyMemory(from: bytes, byteCount: count)
        collected += count
    }

    /// Adds a blank and bytes.
    @inline(__always)
    func collectWord(_ bytes: UnsafeRawPointer, _ count: Int) {
        if _slowPath(unsafe output.count - collected <= count) { growOutput(by: count + 1) }
        let end = unsafe output.baseAddress.unsafelyUnwrapped + collected
        unsafe end.storeBytes(of: UInt8(ascii: " "), as: UInt8.self)
        unsafe (end + 1).copyMemory(from: bytes, byteCount: count)
        collected += count + 1
    }

    @inline(__always)
    func collect(_ text: StaticString) { unsafe collect(UnsafeRawPointer(text.utf8Start), text.utf8CodeUnitCount) }

    @inline(__always)
    func collect(_ bytes: RawSpan) {
        unsafe bytes.withUnsafeBytes { bytes in
            if let start = bytes.baseAddress { unsafe collect(start, bytes.count) }
        }
    }

    /// Sends what was collected.
    ///
    /// What comes in meanwhile is taken in: else both sides might wait for each other.
    func send() -> Ending {
        var sent = 0
        while sent < collected {
            let count = unsafe socket.send(UnsafeRawBufferPointer(rebasing: output[sent..<collected]))
            if count >= 0 {
                sent += count
            } else if errno == EAGAIN {
                let ending = waitToSend()
                if ending != .done { return ending }
            } else if errno != EINTR {
                return .closed
            }
        }
        collected = 0
        return .done
    }

    private func waitToSend() -> Ending {
        let ending = wait(for: POLLIN | POLLOUT)
        guard ending == .done, socket.isReadable else { return ending }
        makeRoom(for: 1)
        return received(unsafe socket.receive(into: UnsafeMutableRawBufferPointer(rebasing: input[filled...]))) ?? .done
    }

    // MARK: - In

    /// What has come and has not been read.
    var unread: UnsafeRawBufferPointer { unsafe UnsafeRawBufferPointer(rebasing: input[start..<filled]) }

    /// Goes on behind so many bytes, which have been read.
    @inline(__always)
    func skip(_ count: Int) {
        start += count
        precondition(start <= filled)
    }

    /// Waits until so many bytes have come that have not been read.
    @inline(__always)
    func wait(forBytes count: Int) -> Ending {
        while filled - start < count {
            let ending = receive(atLeast: count)
            if ending != .done { return ending }
        }
        return .done
    }

    /// Waits for a line; its length without the line's end is nil if it does not come, or has no end.
    @inline(__always)
    func line(_ ending: inout Ending) -> Int? {
        var searched = 0
        while true {
            let unread = unsafe self.unread
            if searched < unread.count {
                let base = unsafe unread.baseAddress.unsafelyUnwrapped
                if let found = unsafe memchr(base + searched, CInt(UInt8(ascii: "\n")), unread.count - searched) {
                    let length = unsafe UnsafeRawPointer(found) - base
                    // memcached ends its lines so; a bare line feed is no end of them.
                    guard length > 0, unsafe unread[length - 1] == UInt8(ascii: "\r") else { break }
                    return length - 1
                }
            }
            searched = unread.count
            guard searched <= Self.longestLine else { break }
            ending = receive(atLeast: searched + 1)
            if ending != .done { return nil }
        }
        ending = .closed
        return nil
    }

    private static var longestLine: Int { 4096 }
    /// How long a look takes.
    private static var look: Moment.Distance { Moment.Distance(.milliseconds(1)) }

    /// Goes on behind a line.
    @inline(__always)
    func skipLine(_ length: Int) { skip(length + 2) }

    @inline(never)
    private func receive(atLeast count: Int) -> Ending {
        // No more than twice what has come, whatever has been announced.
        makeRoom(for: min(count - (filled - start), unsafe input.count))
        let block = unsafe UnsafeMutableRawBufferPointer(rebasing: input[filled...])
        // Most exchanges have one wait, and read no clock.
        if isFirstWait || !isLate && timeLeft >= patience {
            isFirstWait = false
            if let ending = received(unsafe socket.receiveWaiting(into: block)) { return ending }
            if errno == EAGAIN { return .late }
        }
        // A signal has come, or the end is near.
        while true {
            let ending = wait(for: POLLIN)
            if ending != .done { return ending }
            if let ending = received(unsafe socket.receive(into: block)) { return ending }
        }
    }

    /// What a call to receive means; nil if nothing has come.
    private func received(_ count: Int) -> Ending? {
        if count > 0 {
            filled += count
            // It does answer: what has filled the socket while somebody else was waited for has more behind it.
            isLate = false
            return .done
        }
        if count < 0, errno == EAGAIN || errno == EINTR { return nil }
        return .closed
    }

    private func wait(for events: CInt) -> Ending {
        let left = min(timeLeft, isLate ? Self.look : patience)
        isFirstWait = false
        switch socket.wait(for: events, until: .now + left) {
        case .ready: return .done
        case .late: return .late
        case .failed: return .closed
        }
    }

    /// How much is left of the time that the exchange may take.
    private var timeLeft: Moment.Distance {
        let now = Moment.now
        let end = self.end ?? endOfCall()
        self.end = end
        return now < end ? end - now : Moment.Distance(.zero)
    }

    // MARK: - Memory

    /// Makes room for bytes behind those that have come.
    private func makeRoom(for count: Int) {
        if start == filled {
            start = 0
            filled = 0
        }
        // Less than a quarter is too little for one call.
        if unsafe input.count - filled >= max(count, input.count / 4) { return }
        let size = unsafe max(input.count, filled - start + count + Self.usualSize / 4)
        moveInput(to: size)
    }

    private func shrink() {
        if start == filled { moveInput(to: Self.usualSize) }
    }

    private func moveInput(to size: Int) {
        let unread = unsafe self.unread
        let count = unread.count
        if unsafe size == input.count {
            if let source = unread.baseAddress, let base = unsafe input.baseAddress {
                unsafe memmove(base, source, count)
            }
        } else {
            let block = UnsafeMutableRawBufferPointer.allocate(byteCount: size, alignment: 1)
            unsafe block.copyMemory(from: unread)
            unsafe input.deallocate()
            unsafe input = block
        }
        start = 0
        filled = count
    }

    private func growOutput(by count: Int) {
        let block = unsafe UnsafeMutableRawBufferPointer.allocate(
            byteCount: max(2 * output.count, collected + count),
            alignment: 1
        )
        unsafe block.copyMemory(from: UnsafeRawBufferPointer(rebasing: output[..<collected]))
        unsafe output.deallocate()
        unsafe output = block
    }
}
