import Foundation
import SwiftLibMC
import TestSupport
import Testing

/// What a server that garbles its replies, or means harm, can do.
@Suite("Garbled replies", .enabled(if: !isSanitized), .blocking, .slow, .timeLimit(.minutes(30)))
struct GarbledReplyTests {
    /// How the process of one run ended.
    private enum Death: Hashable {
        /// One of libmemcached's assertions.
        case assertion(String)
        /// Memory that libmemcached has written over: the system's own checks, or an access that failed.
        case memory(signal: CInt)
    }

    private static let replies = Effort.current == .full ? 34_000 : 500
    /// How many processes are asked at the same time: they wait more than they compute.
    private static let users = Effort.current == .full ? 12 : 1

    /// Security.md says what libmemcached can't be kept from: assertions that fail, and lengths that it does not check.
    @Test(.hazard(95, 96, 101), arguments: MemcachedProtocol.allCases)
    func onlyLibmemcachedEndsTheProcess(choice: MemcachedProtocol) throws {
        let seed = UInt64.random(in: 0...UInt64(UInt32.max))
        let counts = Locked((replies: 0, processes: 0))
        let deaths = Locked<[Death: Int]>([:])
        try onThreads(Self.users) { user in
            let server = try MemcachedServer.start()
            let proxy = try FaultProxy(to: server.address, .garbleReplies, seed: seed &+ UInt64(user))
            while counts.withLock({ $0.replies }) < Self.replies {
                let before = proxy.garbledCount
                let (death, isOurs) = try Self.run(choice, server, proxy, seed)
                if isOurs { return }
                if let death { deaths.withLock { $0[death, default: 0] += 1 } }
                counts.withLock { $0 = ($0.replies + proxy.garbledCount - before, $0.processes + 1) }
            }
        }
        let list = deaths.withLock { $0 }.map { "\($1) × \($0)" }.sorted().joined(separator: "; ")
        let (replies, processes) = counts.withLock { $0 }
        print("\(replies) garbled replies, \(choice.rawValue), seed \(seed), \(processes) processes: \(list)")
    }

    /// Runs one process until its end; why it died, and whether that is our fault.
    private static func run(
        _ choice: MemcachedProtocol,
        _ server: MemcachedServer,
        _ proxy: FaultProxy,
        _ seed: UInt64
    ) throws -> (Death?, isOurs: Bool) {
        let child = try ChildProcess.run(
            executable: Executable.built("HazardProbe"),
            arguments: ["replies", choice.rawValue, server.address, proxy.address, "500"],
            environment: environment,
            timeout: .seconds(300)
        )
        let lines = child.standardOutput.split(separator: "\n")
        #expect(lines.filter { $0.hasPrefix("bad ") } == [])
        if child.ending == .exited(0) { return (nil, false) }
        if let death = death(of: child) { return (death, false) }
        Issue.record(
            "seed \(seed): \(String(describing: child.ending)) in \(lines.last ?? "nothing"): \(child.standardError)"
        )
        return (nil, true)
    }

    private static var environment: [String: String] {
        var environment = ProcessInfo.processInfo.environment
        environment["SWIFT_BACKTRACE"] = "enable=yes,color=no,interactive=no,threads=crashed,limit=4"
        return environment
    }

    /// Why it died, if that is libmemcached's work; nil if it is ours.
    private static func death(of child: ChildProcess) -> Death? {
        guard let signal = child.signal else { return nil }
        let lines = child.standardError.split(separator: "\n")
        if let line = lines.first(where: { $0.contains("Assertion") }) {
            return line.contains("libmemcached") ? .assertion(String(line.suffix(80))) : nil
        }
        guard [SIGSEGV, SIGBUS, SIGABRT, SIGFPE].contains(signal) else { return nil }
        // Swift's own checks end with other signals. Otherwise it must not be our code, which is in the program itself, that
        // has touched what it may not; libmemcached and the C library that it calls are libraries of the system.
        let place = lines.first { $0.wholeMatch(of: /\s*0 .* in .*/) != nil }
        return place?.hasSuffix(" in HazardProbe") == true || place?.contains("libswift") == true
            ? nil : .memory(signal: signal)
    }
}
