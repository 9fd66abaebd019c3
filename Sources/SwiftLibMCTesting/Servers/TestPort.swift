import Foundation

/// Ports for servers that a test kills and starts again.
///
/// They lie below the range from which the system takes ports for outgoing connections and for `bind` to port 0:
/// otherwise the port of a server that is down could be taken by some other test's connection, or a client that tries
/// to reach it could, on Linux, connect to itself.
package enum TestPort {
    private static let given = Locked<Set<Int>>([])

    private static let range: Range<Int> = {
        let text = try? String(contentsOfFile: "/proc/sys/net/ipv4/ip_local_port_range", encoding: .utf8)
        let lowest = text.flatMap { Int($0.prefix { $0.isNumber }) } ?? 32768
        return lowest > 16384 ? 12000..<lowest : 12000..<32768
    }()

    /// A port that this process has not used before; another process may be using it.
    package static func next() -> Int {
        given.withLock { given in
            var port = Int.random(in: range)
            while !given.insert(port).inserted { port = Int.random(in: range) }
            return port
        }
    }
}
