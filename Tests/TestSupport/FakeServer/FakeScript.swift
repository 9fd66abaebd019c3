/// What a `FakeServer` does with one connection.
public struct FakeScript: Sendable {
    /// One thing to do; the next begins when it is done.
    public enum Step: Sendable {
        /// Waits until this many more bytes have come.
        case receive(Int)
        /// Waits for a whole request.
        case request
        /// Sends these bytes.
        case send([UInt8])
        /// Sends what the closure makes of the last request.
        case answer(@Sendable (FakeRequest) -> [UInt8])
        /// Does nothing for a while.
        case pause(Duration)
        /// Reads on and does nothing else until the client or the server closes.
        case stall
        /// Does not even read until the client or the server closes.
        case freeze
        /// Closes the connection with a reset instead of an orderly end.
        case reset
        /// Refuses a request without credentials; or, if more than one whole request has arrived, resets the
        /// connection, as the system may do when such a server hangs up.
        case refuseUnauthenticated
        /// Ends the connection in an orderly way if the closure says so of the last request.
        case hangUp(@Sendable (FakeRequest) -> Bool)
    }

    /// What to do; after the last step the connection is closed, in an orderly way.
    public var steps: [Step]
    /// Whether to begin again after the last step instead.
    public var repeats: Bool

    /// Makes a script.
    public init(_ steps: [Step], repeats: Bool = false) {
        self.steps = steps
        self.repeats = repeats
    }
}

/// The scripts that tests ask for most.
extension FakeScript {
    /// Reads everything and never answers.
    public static let silent = Self([.stall])

    /// Accepts, and then does not even read: what is sent fills the buffers and sticks.
    public static let frozen = Self([.freeze])

    /// Closes every connection at once.
    public static let closingAtOnce = Self([])

    /// Closes the connection after a number of bytes from the client, without an answer.
    public static func closing(afterReceiving count: Int) -> Self { Self([.receive(count)]) }

    /// Waits for a request, sends this much of a reply, and closes.
    public static func closing(afterSending bytes: [UInt8]) -> Self { Self([.request, .send(bytes)]) }

    /// Waits for a request and resets the connection.
    public static let resetting = Self([.request, .reset])

    /// Wants a password, and loses its refusal if a client sends more than one request at a time.
    public static let wantingPassword = Self([.refuseUnauthenticated])

    /// Answers every request with the same bytes.
    public static func answering(_ bytes: [UInt8]) -> Self { Self([.request, .send(bytes)], repeats: true) }

    /// Answers every request with the same text.
    public static func answering(_ text: String) -> Self { answering(Array(text.utf8)) }

    /// Answers every request with what the closure makes of it.
    public static func answering(_ reply: @escaping @Sendable (FakeRequest) -> [UInt8]) -> Self {
        Self([.request, .answer(reply)], repeats: true)
    }

    /// The same, but after some requests the connection ends without an answer.
    public func hangingUp(after condition: @escaping @Sendable (FakeRequest) -> Bool) -> Self {
        let steps = steps.flatMap { step in
            if case .request = step { [step, .hangUp(condition)] } else { [step] }
        }
        return Self(steps, repeats: repeats)
    }

    /// Waits for a request, sends this much of a reply, and then nothing more.
    public static func stalling(afterSending bytes: [UInt8]) -> Self { Self([.request, .send(bytes), .stall]) }

    /// Answers every request with the same bytes, one at a time, with a pause before each.
    public static func dribbling(_ bytes: [UInt8], every pause: Duration) -> Self {
        Self([.request] + bytes.flatMap { [.pause(pause), .send([$0])] }, repeats: true)
    }

    /// What a web server says to a memcached client.
    public static let http = Self([
        .receive(1),
        .send(Array("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".utf8)),
    ])
}
