import Foundation

/// One connection through a `FaultProxy`, on a thread of its own.
struct FaultProxyConnection {
    /// Why the connection ends.
    private enum Ending: Error {
        case orderly
        case reset
    }

    /// The bytes that go one way.
    private struct Way {
        let source: Descriptor
        let target: Descriptor
        /// What has come and was not passed on yet.
        var waiting: [UInt8] = []
        var hasEnded = false
        var passedOn = 0
        /// Nothing is passed on before.
        var rest = ContinuousClock.now
    }

    private let client: Descriptor
    private let core: FaultProxyCore
    private var dice: Dice
    private var garbler: ReplyGarbler
    private let cutsBefore: Int
    private static let mostWaiting = 1 << 20

    init(number: Int, client: Descriptor, core: FaultProxyCore) {
        self.client = client
        self.core = core
        dice = Dice(core.seed &+ UInt64(number) &* 0x1_0000)
        garbler = ReplyGarbler(Dice(dice.next()))
        cutsBefore = core.state.withLock { $0.cut }
    }

    /// Passes bytes on until an end closes, the proxy stops, or a fault ends it.
    mutating func run() {
        guard let server = try? Descriptor.connected(to: core.server, until: Deadline(in: .seconds(5))) else {
            return client.resetOnClose()
        }
        var requests = Way(source: client, target: server)
        var replies = Way(source: server, target: client)
        do {
            while true {
                let (fault, cut, withReset) = core.state.withLock { ($0.fault, $0.cut, $0.cutsWithReset) }
                if cut != cutsBefore { throw withReset ? Ending.reset : .orderly }
                try wait(requests, replies, fault)
                if fault != .holdRequests { try receive(&requests) }
                try receive(&replies)
                try pass(&requests, fault, areReplies: false)
                try pass(&replies, fault, areReplies: true)
                if requests.hasEnded && requests.waiting.isEmpty { return }
                if replies.hasEnded && replies.waiting.isEmpty { return }
            }
        } catch Ending.reset {
            client.resetOnClose()
        } catch {
            // An orderly end, or the proxy stops.
        }
    }

    private func wait(_ requests: Way, _ replies: Way, _ fault: Fault) throws {
        var interests = [(descriptor: core.stopped, events: POLLIN)]
        // What waits for its time, or for the fault to pass, is looked at again soon.
        let isIdle = requests.waiting.isEmpty && replies.waiting.isEmpty
        for way in [requests, replies] where !way.hasEnded && way.waiting.count < Self.mostWaiting {
            if fault == .holdRequests, way.source === client { continue }
            interests.append((way.source, POLLIN))
        }
        let ready = try Descriptor.wait(interests, until: Deadline(in: .milliseconds(isIdle ? 5 : 1)))
        if ready[0] { throw Ending.orderly }
    }

    private func receive(_ way: inout Way) throws {
        guard !way.hasEnded, way.waiting.count < Self.mostWaiting, let bytes = way.source.receive() else { return }
        if bytes.isEmpty { way.hasEnded = true } else { way.waiting += bytes }
    }

    private mutating func pass(_ way: inout Way, _ fault: Fault, areReplies: Bool) throws {
        guard !way.waiting.isEmpty, ContinuousClock.now >= way.rest else { return }
        switch fault {
        case .chance(let odds):
            try pass(&way, odds)
        case .muteReplies where areReplies, .holdRequests where !areReplies:
            return
        case .dripReplies(let pause) where areReplies:
            way.rest = ContinuousClock.now + pause
            try send(&way, 1)
        case .cutReplies(let limit, let reset) where areReplies:
            try send(&way, max(0, limit - way.passedOn))
            if way.passedOn >= limit { throw reset ? Ending.reset : .orderly }
        case .garbleReplies where areReplies:
            try garble(&way)
        case .stallReplies(let limit) where areReplies:
            try send(&way, max(0, limit - way.passedOn))
        default:
            try send(&way, way.waiting.count)
        }
    }

    private mutating func garble(_ way: inout Way) throws {
        way.waiting = garbler.garbled(way.waiting)
        core.state.withLock { $0.garbledCount += 1 }
        try send(&way, way.waiting.count)
        // What a client does not take would be garbled again, and could double each time.
        if !way.waiting.isEmpty || !dice.chance(4) { throw Ending.orderly }
    }

    private mutating func pass(_ way: inout Way, _ odds: Fault.Odds) throws {
        let part = dice.below(way.waiting.count + 1)
        if dice.chance(odds.close) {
            try send(&way, part)
            throw Ending.orderly
        }
        if dice.chance(odds.reset) {
            try send(&way, part)
            throw Ending.reset
        }
        if dice.chance(odds.stall) {
            try send(&way, part)
            way.rest = ContinuousClock.now + odds.stallTime
        } else if dice.chance(odds.delay) {
            way.rest = ContinuousClock.now + .microseconds(dice.below(5000))
        } else {
            try send(&way, dice.chance(odds.split) ? part : way.waiting.count)
        }
    }

    private func send(_ way: inout Way, _ count: Int) throws {
        guard count > 0 else { return }
        guard let sent = way.target.send(way.waiting.prefix(count)) else { throw Ending.orderly }
        way.waiting.removeFirst(sent)
        way.passedOn += sent
    }
}
