/// How long a conversation with a server may take.
struct Patience: Sendable {
    /// How long connecting to one address may take; nil: its share of the time that is left.
    var connecting: Duration?
    /// How long to wait for an answer that a working server gives at once.
    var answering: Duration
    /// When all waiting ends.
    var end: Moment

    /// Begins now, and ends after a time.
    init(_ total: Duration, connecting: Duration? = nil) {
        self.connecting = connecting
        answering = total
        end = .now + total
    }

    /// The time-outs of a client with these behaviors: its ``Behaviors/connectTimeout`` and then its
    /// ``Behaviors/pollTimeout``, or libmemcached's own.
    init(_ behaviors: Behaviors) {
        let connecting = behaviors.connectTimeout ?? .seconds(4)
        let answering = behaviors.pollTimeout ?? .seconds(5)
        self.init(connecting + answering, connecting: connecting)
        self.answering = answering
    }

    /// When connecting to one of several addresses has to be given up, so that there is time for all of them.
    func endOfConnecting(addressesLeft count: Int) -> Moment {
        let now = Moment.now
        guard now < end else { return end }
        let share = Moment.Distance(.nanoseconds(Int64(clamping: (end - now).nanoseconds / UInt64(count))))
        return now + (connecting.map { min(share, Moment.Distance($0)) } ?? share)
    }

    /// The deadline for an answer that a working server gives at once.
    var endOfAnswering: Moment { min(.now + answering, end) }
}
