/// When a read began, and which writes had taken place by then.
struct NearTicket: Sendable {
    let hash: UInt64
    /// How many writes to keys of the same stripe had begun and ended.
    let generation: UInt64
    let start: Moment
}

/// The writes to the keys of one part of a ``NearMemory``: decides whether a value that was read may be kept.
///
/// Keys share a count with others that have the same bits of their hash, a stripe. At worst a value is not kept that
/// could have been.
struct NearStripes {
    private struct Stripe {
        /// How many writes have begun and ended.
        var generation: UInt64 = 0
        /// How many are in progress.
        var writers = 0
        /// Values that are read before then are not kept, because a write may yet be carried out.
        var quietUntil = Moment(nanoseconds: 0)
    }

    private var stripes = Array(repeating: Stripe(), count: 256)
    /// The time around a moment at which all items are going to vanish.
    private var flush: Range<Moment>?

    private static func stripe(_ hash: UInt64) -> Int { Int(truncatingIfNeeded: hash >> 40) & 255 }

    /// A ticket for a read that begins now, or at an earlier moment.
    func ticket(_ hash: UInt64, _ start: Moment) -> NearTicket {
        NearTicket(hash: hash, generation: stripes[Self.stripe(hash)].generation, start: start)
    }

    /// Whether no write has begun or ended since a ticket was issued.
    func isCurrent(_ ticket: NearTicket) -> Bool {
        stripes[Self.stripe(ticket.hash)].generation == ticket.generation
    }

    /// Until when a value that was read may be used; nil if it may not be at all.
    func deadline(_ ticket: NearTicket, _ lifetime: Moment.Distance) -> Moment? {
        let stripe = stripes[Self.stripe(ticket.hash)]
        guard stripe.generation == ticket.generation, stripe.writers == 0, ticket.start >= stripe.quietUntil else {
            return nil
        }
        let deadline = ticket.start + lifetime
        guard let flush, ticket.start < flush.upperBound else { return deadline }
        return ticket.start < flush.lowerBound ? min(deadline, flush.lowerBound) : nil
    }

    /// A write begins: from now on reads may find older or newer values than the one it leaves.
    mutating func beginWrite(_ hash: UInt64) {
        stripes[Self.stripe(hash)].generation &+= 1
        stripes[Self.stripe(hash)].writers += 1
    }

    /// A write has ended; from `quietUntil` on reads can be relied on again.
    mutating func endWrite(_ hash: UInt64, quietUntil: Moment) { end(Self.stripe(hash), quietUntil) }

    /// Writes to all keys begin.
    mutating func beginFlush() {
        for index in stripes.indices {
            stripes[index].generation &+= 1
            stripes[index].writers += 1
        }
    }

    /// Writes to all keys have ended.
    ///
    /// - Parameters:
    ///   - quietUntil: When reads can be relied on again.
    ///   - later: The time around which all items are going to vanish; nil if they have.
    mutating func endFlush(quietUntil: Moment, later: Range<Moment>?) {
        for index in stripes.indices { end(index, quietUntil) }
        guard let later else { return }
        flush = flush.map { min($0.lowerBound, later.lowerBound)..<max($0.upperBound, later.upperBound) } ?? later
    }

    private mutating func end(_ index: Int, _ quietUntil: Moment) {
        stripes[index].generation &+= 1
        // In a forked child, a write that its parent began may end.
        stripes[index].writers = max(0, stripes[index].writers - 1)
        stripes[index].quietUntil = max(stripes[index].quietUntil, quietUntil)
    }
}
