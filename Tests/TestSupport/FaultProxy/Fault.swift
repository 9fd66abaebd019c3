/// What a `FaultProxy` does to the connections that go through it.
public enum Fault: Sendable, Equatable {
    /// Passes everything on.
    case pass
    /// Refuses connections, as a machine without the server would.
    case refuse
    /// Carries requests out, but holds back the replies.
    case muteReplies
    /// Does not read what clients send: it fills the buffers and sticks.
    case holdRequests
    /// Passes replies on a byte at a time, with a pause before each.
    case dripReplies(pause: Duration)
    /// Passes on so many bytes of each connection's replies, then closes it: with a reset, or in an orderly way.
    case cutReplies(after: Int, reset: Bool)
    /// Passes on so many bytes of each connection's replies, then holds the rest back.
    case stallReplies(after: Int)
    /// Changes each reply by chance, and then, three times in four, closes the connection.
    case garbleReplies
    /// Delays, splits, stalls, closes and resets by chance.
    case chance(Odds)

    /// How often something happens by chance: once in so many times that bytes are passed on.
    public struct Odds: Sendable, Equatable {
        /// A connection is closed in an orderly way, in the middle of what is passed on.
        public var close = 150
        /// A connection is reset, in the middle of what is passed on.
        public var reset = 150
        /// Nothing is passed on in this direction for ``stallTime``.
        public var stall = 300
        /// A wait of up to 5 ms.
        public var delay = 30
        /// Only a part is passed on at first.
        public var split = 10
        /// How long a stall lasts; more than the clients' time-out, to be one.
        public var stallTime = Duration.milliseconds(200)

        /// Makes the usual odds.
        public init() {}
    }
}
