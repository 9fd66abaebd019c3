import Foundation

/// The running servers that the environment names.
package enum GivenServers {
    static let variable = "MEMCACHED_TEST_SERVERS"

    static let addresses = list(ProcessInfo.processInfo.environment[variable] ?? "")

    /// Splits a list at commas and blanks.
    package static func list(_ text: String) -> [String] {
        text.split { $0 == "," || $0.isWhitespace }.map(String.init)
    }
}
