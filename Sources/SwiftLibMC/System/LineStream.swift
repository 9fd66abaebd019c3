internal import CPlatform

/// A connection for requests and replies of text, separate from libmemcached's: output is collected, and input is kept
/// until it has been read.
@safe
final class LineStream {
    /// How sending or receiving has ended.
    enum Ending {
        case done
        /// The other side did not answer in time.
        case late
        /// The connection was closed, or broke.
        case closed
    }

    private let socket: StreamSocket
    /// How long one wait may take.
    private let waitLimit: Moment.Distance
    /// Says when the present call has to end.
    private let endOfCall: () -> Moment
    /// Its answer, from the second wait of a call on.
    private var end: Moment?
    private var isFirstWait = true
    /// How many calls there have been on this connection.
    private(set) var callCount = 0
    /// Whether the other side's time passed while another server was waited for.
    private var isLate = false

    private var input: UnsafeMutableRawBufferPointer
    /// Where the unread part of the input begins.
    private var start = 0
    /// Where it ends.
    private var filled = 0
    private var output: UnsafeMutableRawBufferPointer
    private var collected = 0

    /// Takes over a connection.
    ///
    /// - Parameters:
    ///   - socket: The connection.
    ///   - waitLimit: How long one wait may take.
    ///   - endOfCall: Says when the present call has to end; asked once in a call that waits more than once.
    init(_ socket: StreamSocket, waitLimit: Duration, endOfCall: @escaping () -> Moment) {
        self.socket = socket
        self.waitLimit = Moment.Distance(waitLimit)
        self.endOfCall = endOfCall
        socket.letReadsWait(self.waitLimit)
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

    /// Begins a call: forgets unsent output.
    ///
    /// - Parameter isShort: Whether the call may have to end before the first wait does.
    /// - Returns: False if there is unexpected input, or the other side has closed the connection, as far as that is
    ///   known without a check.
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

    /// Limits all waits of this call to end by then.
    func limitWaits(until moment: Moment) {
        isFirstWait = false
        end = min(moment, endOfCall())
    }

    /// Makes this call take only replies that have arrived, without waiting for others longer than a check takes.
    func stopWaiting() {
        isFirstWait = false
        isLate = true
    }

    /// Whether there is nothing to read, and the connection is open.
    ///
    /// A server closes idle connections, and all of them when it is restarted. This takes a system call.
    var isIdle: Bool { start == filled && !socket.isReadable }

    // MARK: - Output

    /// How many bytes have been collected.
    var collectedCount: Int { collected }

    /// Adds bytes to the output.
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

    /// Sends the collected output.
    ///
    /// Input that arrives meanwhile is read: otherwise both sides might wait for each other.
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

    // MARK: - Input

    /// The unread input.
    var unread: UnsafeRawBufferPointer { unsafe UnsafeRawBufferPointer(rebasing: input[start..<filled]) }

    /// Moves past this many bytes, which have been read.
    @inline(__always)
    func skip(_ count: Int) {
        start += count
        precondition(start <= filled)
    }

    /// Waits until there are this many unread bytes.
    @inline(__always)
    func wait(forBytes count: Int) -> Ending {
        while filled - start < count {
            let ending = receive(atLeast: count)
            if ending != .done { return ending }
        }
        return .done
    }

    /// Waits for a line; returns its length without the line end, or nil if it does not arrive, or has no end.
    @inline(__always)
    func line(_ ending: inout Ending) -> Int? {
        var searched = 0
        while true {
            let unread = unsafe self.unread
            if searched < unread.count {
                let base = unsafe unread.baseAddress.unsafelyUnwrapped
                if let found = unsafe memchr(base + searched, CInt(UInt8(ascii: "\n")), unread.count - searched) {
                    let length = unsafe UnsafeRawPointer(found) - base
                    // memcached ends its lines with CR and LF; a bare line feed is no line end.
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
    /// How long a check takes.
    private static var look: Moment.Distance { Moment.Distance(.milliseconds(1)) }

    /// Moves past a line.
    @inline(__always)
    func skipLine(_ length: Int) { skip(length + 2) }

    @inline(never)
    private func receive(atLeast count: Int) -> Ending {
        // At most twice the bytes that have arrived, whatever length was announced.
        makeRoom(for: min(count - (filled - start), unsafe input.count))
        let block = unsafe UnsafeMutableRawBufferPointer(rebasing: input[filled...])
        // Most exchanges have one wait, and read no clock.
        if isFirstWait || !isLate && timeLeft >= waitLimit {
            isFirstWait = false
            if let ending = received(unsafe socket.receiveWaiting(into: block)) { return ending }
            if errno == EAGAIN { return .late }
        }
        // A signal arrived, or the end is near.
        while true {
            let ending = wait(for: POLLIN)
            if ending != .done { return ending }
            if let ending = received(unsafe socket.receive(into: block)) { return ending }
        }
    }

    /// The meaning of a result of receiving; nil if nothing has arrived.
    private func received(_ count: Int) -> Ending? {
        if count > 0 {
            filled += count
            // The server does answer: there is more after the bytes that filled the socket while another server was
            // waited for.
            isLate = false
            return .done
        }
        if count < 0, errno == EAGAIN || errno == EINTR { return nil }
        return .closed
    }

    private func wait(for events: CInt) -> Ending {
        let left = min(timeLeft, isLate ? Self.look : waitLimit)
        isFirstWait = false
        switch socket.wait(for: events, until: .now + left) {
        case .ready: return .done
        case .late: return .late
        case .failed: return .closed
        }
    }

    /// How much is left of the time that the exchange may take.
    private var timeLeft: Moment.Distance {
        // Read first: an end that is counted from now on is no earlier than a whole wait then, which needs no `poll`.
        let now = Moment.now
        let end = self.end ?? endOfCall()
        self.end = end
        return end - now
    }

    // MARK: - Memory

    /// Makes room for bytes after those that have arrived.
    private func makeRoom(for count: Int) {
        if start == filled {
            start = 0
            filled = 0
        }
        // Less than a quarter is too little for one receive.
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
