import Foundation

/// One connection of a `FakeServer`, on a thread of its own.
struct FakeConnection {
    /// Why a script ends early.
    private struct Ended: Error {}

    private let descriptor: Descriptor
    private let core: FakeServerCore
    /// What has come and no step has taken yet.
    private var buffer: [UInt8] = []
    private var lastRequest: FakeRequest?

    init(descriptor: Descriptor, core: FakeServerCore) {
        self.descriptor = descriptor
        self.core = core
    }

    /// Runs the script until its end, or that of the connection or the server.
    mutating func run(_ script: FakeScript) {
        do {
            repeat {
                for step in script.steps { try perform(step) }
            } while script.repeats
            // Closing with bytes unread would send a reset.
            _ = descriptor.receive()
        } catch {
            // The client has gone or the server stops: there is nobody to tell.
        }
    }

    private mutating func perform(_ step: FakeScript.Step) throws {
        switch step {
        case .receive(let count):
            while buffer.count < count { try read() }
            buffer.removeFirst(count)
        case .request:
            while !takeRequest() { try read() }
        case .send(let bytes):
            try send(bytes)
        case .answer(let reply):
            guard let lastRequest else { preconditionFailure("an answer needs a request before it") }
            try send(reply(lastRequest))
        case .pause(let duration):
            let ready = try Descriptor.wait([(core.stopped, POLLIN)], until: Deadline(in: duration))
            if ready[0] { throw Ended() }
        case .stall:
            while true { try read() }
        case .freeze:
            // No interest in data, but the end of the connection is always reported.
            _ = try Descriptor.wait([(descriptor, 0), (core.stopped, POLLIN)])
            throw Ended()
        case .reset:
            try reset()
        case .hangUp(let condition):
            guard let lastRequest else { preconditionFailure("a condition needs a request before it") }
            if condition(lastRequest) { throw Ended() }
        case .refuseUnauthenticated:
            while buffer.count < FakeRequest.headerLength { try read() }
            guard takeRequest(), buffer.isEmpty, let lastRequest else { return try reset() }
            try send(lastRequest.binaryReply(status: 0x20, value: Array("Auth failure.".utf8)))
        }
    }

    /// Takes a whole request off what has come; false if there is none yet.
    private mutating func takeRequest() -> Bool {
        guard let request = FakeRequest(takenFrom: &buffer) else { return false }
        lastRequest = request
        core.state.withLock { $0.requests.append(request) }
        return true
    }

    private func reset() throws {
        descriptor.resetOnClose()
        throw Ended()
    }

    private mutating func read() throws {
        try wait(for: POLLIN)
        guard let bytes = descriptor.receive() else { return }
        if bytes.isEmpty { throw Ended() }
        buffer += bytes
        core.state.withLock { $0.received += bytes }
    }

    private func send(_ bytes: [UInt8]) throws {
        var rest = bytes[...]
        while !rest.isEmpty {
            try wait(for: POLLOUT)
            guard let count = descriptor.send(rest) else { throw Ended() }
            rest = rest.dropFirst(count)
        }
    }

    private func wait(for events: CInt) throws {
        let ready = try Descriptor.wait([(descriptor, events), (core.stopped, POLLIN)])
        if ready[1] { throw Ended() }
    }
}
