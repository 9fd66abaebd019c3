import TestSupport

/// What is wrong with a server, so that a call would take longer than any wait in it.
enum BadServer: String, CaseIterable, Sendable {
    /// Nobody listens.
    case refuses
    /// Connecting takes for ever.
    case blackHole
    /// No reply at all.
    case mute
    /// The beginning of a reply, and then nothing.
    case stalls
    /// A byte of a reply every 100 ms.
    case drips
    /// Requests are not even read, so that a large one sticks.
    case readsNothing
    /// Replies without end.
    case endless
    /// A value of 4 GB is announced.
    case huge
    /// Each connection is closed at once.
    case closes

    /// The address, and what is behind it.
    func start(binary: Bool) throws -> (address: String, owner: AnyObject) {
        switch self {
        case .refuses:
            let address = try RefusingAddress()
            return (address.address, address)
        case .blackHole:
            let hole = try BlackHole()
            return (hole.address, hole)
        default:
            let server = try FakeServer(script(binary: binary))
            return (server.address, server)
        }
    }

    private func script(binary: Bool) -> FakeScript {
        switch self {
        case .mute: .silent
        case .stalls: .stalling(afterSending: Array(Self.reply(binary: binary).prefix(10)))
        case .drips: .dribbling(Self.reply(binary: binary), every: .milliseconds(100))
        case .readsNothing: .frozen
        case .endless: Self.endless(binary: binary)
        case .huge: .stalling(afterSending: Self.huge(binary: binary))
        case .closes, .refuses, .blackHole: .closingAtOnce
        }
    }

    /// One that takes long to come, and begins like one to anything.
    private static func reply(binary: Bool) -> [UInt8] {
        if binary { return [0x81, 0x00] + [UInt8](repeating: 0, count: 300) }
        return Array("VALUE \(String(repeating: "k", count: 200)) 0 100000\r\n".utf8)
    }

    private static func huge(binary: Bool) -> [UInt8] {
        if !binary { return Array("VALUE key 0 4294967000\r\nabc".utf8) }
        // A reply with four bytes of flags and a body of almost 4 GB.
        return [0x81, 0, 0, 0, 4, 0, 0, 0, 0xFF, 0xFF, 0xFF, 0x00] + [UInt8](repeating: 0, count: 16)
    }

    /// Statistics, 10 KB of them every 10 ms, for a minute.
    private static func endless(binary: Bool) -> FakeScript {
        let statistics: UInt8 = 0x10
        let reply = FakeScript.Step.answer { request in
            var entry = binary ? request.binaryReply(key: "name", value: [97]) : Array("STAT name a\r\n".utf8)
            // A conversation about statistics begins with a "no operation"; to be answered with statistics, once.
            if request.isNoOperation { entry[1] = statistics }
            return Array(repeatElement(entry, count: 10_000 / entry.count).joined())
        }
        let first = FakeScript.Step.answer { $0.isNoOperation ? $0.binaryReply() : [] }
        return FakeScript([.request, first] + (0..<6000).flatMap { _ in [reply, .pause(.milliseconds(10))] })
    }
}
