import Foundation

/// A network that the process has for itself, so that it may be broken: `Scripts/partition` makes it.
public enum OwnNetwork {
    /// Whether there is one.
    public static let isThere = ProcessInfo.processInfo.environment["SWIFTLIBMC_NETWORK"] == "own"

    /// Loses all that is sent from a local TCP port, as on the other side of a network that is cut in two.
    ///
    /// The kernel drops it, answers to attempts to connect included, and sends it again later, as it does with lost
    /// packets.
    public static func cut(_ address: String) throws { try changeRule("add", address) }

    /// Puts that right again.
    public static func mend(_ address: String) throws { try changeRule("delete", address) }

    private static func changeRule(_ change: String, _ address: String) throws {
        guard isThere, case .tcp(let port) = try Endpoint(address) else {
            throw SystemError("there is no network of our own, or \(address) is not in it")
        }
        // Before the rule for local addresses, which the script has moved to 100.
        let rule = "rule \(change) ipproto tcp sport \(port) blackhole priority 10"
        let child = try ChildProcess.run(
            executable: Executable.path(of: "ip"),
            arguments: rule.split(separator: " ").map(String.init)
        )
        guard child.ending == .exited(0) else { throw SystemError("ip \(rule): \(child.standardError)") }
    }
}
