import Foundation
import SwiftLibMC
import TestSupport
import Testing

/// Sends signals to the calling thread while `body` runs, after pauses of so many microseconds each.
private func interrupting<R>(after pauses: [UInt32], _ body: () -> R) -> R {
    // Without the flag to resume system calls.
    var action = sigaction()
    unsafe action.__sigaction_handler.sa_handler = { _ in }
    unsafe sigaction(SIGUSR1, &action, nil)
    // Threads of pools, such as the one that this may run on, block signals.
    var signals = sigset_t()
    unsafe sigemptyset(&signals)
    unsafe sigaddset(&signals, SIGUSR1)
    unsafe pthread_sigmask(SIG_UNBLOCK, &signals, nil)
    let (target, isOver) = (pthread_self(), Locked(false))
    let sender = TestThread {
        for pause in pauses where !isOver.withLock({ $0 }) {
            usleep(pause)
            pthread_kill(target, SIGUSR1)
        }
    }
    defer {
        isOver.withLock { $0 = true }
        try? sender.join()
    }
    return body()
}

/// Signals that arrive while a call waits.
///
/// Each test has a process of its own, for signals are a matter of all of it.
@Suite("Hazards: signals", .blocking, .timeLimit(.minutes(5)))
struct SignalHazards {
    /// Two signals in one wait make the library wait for ever; then the watchdog ends it.
    @Test(.hazard(30)) func aWaitThatSignalsMakeEndlessIsBounded() async {
        await #expect(processExitsWith: .success) {
            alarm(100)
            let server = try FakeServer(.silent)
            for command in Command.single where command.description == command.operation {
                let client = try Client([server.address], behaviors: Behaviors(pollTimeout: .milliseconds(250)))
                client.commandTimeout = .milliseconds(600)
                let start = ContinuousClock.now
                let error = interrupting(after: [100_000, 100_000]) { () -> MemcachedError? in
                    do { try command.run(client, "k") } catch { return error as? MemcachedError }
                    return nil
                }
                let time = ContinuousClock.now - start
                try #require(error?.isTimeout == true, "\(command): \(error.debugDescription)")
                try #require(time < .seconds(3), "\(command) took \(time)")
            }
        }
    }

    /// No signal is held back while a call waits.
    @Test func aProcessThatIsToEndEndsDuringACall() async {
        await #expect(processExitsWith: .signal(SIGTERM)) {
            alarm(20)
            let server = try FakeServer(.silent)
            let client = try Client([server.address], behaviors: Behaviors(pollTimeout: .seconds(100)))
            client.commandTimeout = .seconds(100)
            let target = pthread_self()
            var signals = sigset_t()
            unsafe sigemptyset(&signals)
            unsafe sigaddset(&signals, SIGTERM)
            unsafe pthread_sigmask(SIG_UNBLOCK, &signals, nil)
            let sender = TestThread {
                _ = eventually { !server.received.isEmpty }
                pthread_kill(target, SIGTERM)
            }
            _ = try? client.get("key", as: String.self)
            try sender.join()
        }
    }

    /// Two signals in one wait make the library wait for ever, others too short.
    @Test(.hazard(30, 99)) func signalsNeitherLengthenNorShortenAWait() async {
        await #expect(processExitsWith: .success) {
            alarm(200)
            let server = try FakeServer(.silent)
            let patience = Duration.milliseconds(250)
            let commands = Command.single.filter { $0.description == $0.operation } + Command.multi.prefix(7)
            for pauses in [[100_000, 100_000], [40_000, 40_000, 40_000, 40_000]] as [[UInt32]] {
                for (number, command) in commands.enumerated() where pauses.count == 2 || number.isMultiple(of: 5) {
                    let client = try Client([server.address], behaviors: Behaviors(pollTimeout: patience))
                    client.blocksSignals = true
                    let start = ContinuousClock.now
                    let error = interrupting(after: pauses) { () -> MemcachedError? in
                        do { try command.run(client, "k") } catch { return error as? MemcachedError }
                        return nil
                    }
                    let time = ContinuousClock.now - start
                    try #require(error?.isTimeout == true, "\(command): \(error.debugDescription)")
                    // Some ask twice: for a connection that works, and for the answer.
                    try #require(time >= patience && time < .seconds(60), "\(command) took \(time)")
                }
            }
        }
    }

    /// A healthy server is not given up because signals come.
    @Test(.hazard(30)) func callsSucceedUnderFireOfSignals() async {
        await #expect(processExitsWith: .success) {
            alarm(200)
            let server = try MemcachedServer.start()
            let client = try Client([server.address], behaviors: .patient)
            let keys = uniqueKeys(200)
            try interrupting(after: Array(repeating: 300, count: 100_000)) { () -> Result<Void, any Error> in
                Result {
                    for round in 0..<10 {
                        try #require(try client.setMulti(NamedValue.pairs(keys) { _ in 5000 }) == [])
                        let values: [String: [UInt8]] = try client.getMulti(keys)
                        try #require(values.count == 200 && NamedValue.wrong(values) == [])
                        try #require(try client.incr("counter", initial: 0) == UInt64(round))
                    }
                }
            }.get()
        }
    }

    @Test(.hazard(99), .slow) func writingToADeadServerRaisesNoSignal() async {
        await #expect(processExitsWith: .success) {
            alarm(270)
            signal(SIGPIPE, SIG_DFL)
            for options in [MemcachedOptions.tcp, .unix] {
                for binary in [true, false] {
                    for command in Command.writes + Command.multiWrites + Command.changes {
                        let server = try FakeServer(unix: options == .unix, scripts: [.closing(afterReceiving: 1)])
                        // Some of these calls wait for a reply that never comes; what they say is not the question.
                        let behaviors = Behaviors(connectTimeout: .seconds(10), pollTimeout: .milliseconds(300))
                        let client = try Client([server.address], binary: binary, behaviors: behaviors)
                        for _ in 0..<3 { try? command.run(client, "k") }
                        // Where the buffers don't take all of it.
                        _ = try? client.set("k", [UInt8](repeating: 1, count: 1_000_000), noreply: true)
                        server.stop()
                        try? command.run(client, "k")
                    }
                }
            }
        }
    }
}
