public import ArgumentParser
import Foundation
public import SwiftLibMC
import Synchronization

extension WatchedEvent: @retroactive ExpressibleByArgument {}

struct Watch: ClientCommand {
    static let configuration = CommandConfiguration(
        abstract: "Print what happens on the servers, as it happens.",
        discussion: """
            memcached's watch: fetchers (what is read), mutations (what is stored), evictions, connevents (connections), \
            deletions (since memcached 1.6.19), and events of memcached's proxy. Without arguments, the first three. A \
            busy server leaves lines out, and says how many. Ctrl-C ends it. Works only without a password. Exits with 3 \
            if any server can't be watched.
            """
    )

    @Argument(help: "What to watch.")
    var events: [WatchedEvent] = []

    @Option(help: ArgumentHelp("Only what is about keys that begin with this.", valueName: "text"))
    var prefix: String?

    @Option(name: [.customShort("n"), .long], help: ArgumentHelp("Stop after this many lines.", valueName: "count"))
    var count: Int?

    @OptionGroup(title: "Connection") var connection: ConnectionOptions

    func validate() throws { try Span.checkInterval(nil, count) }

    func run(in session: Session) throws -> Outcome {
        let servers = session.client.servers
        let screen = Screen(session.output, prefix, count, showsServer: servers.count > 1)
        let events = Swift.Set(self.events.isEmpty ? [.fetchers, .mutations, .evictions] : self.events)
        let command = session.complaints.command
        let pools = try servers.map { try ClientPool(cloning: session.client.alone(with: $0), size: 1) }
        let outcomes = try inParallel(pools) { pool in
            do {
                try pool.withClient { client in
                    let server = client.servers[0]
                    try client.watch(events, on: server, pause: .milliseconds(100)) { screen.show($0, of: server) }
                }
                return Outcome.done
            } catch {
                return Entry.report(error, of: command)
            }
        }
        return outcomes.reduce(.done) { $0.worse($1) }
    }
}

/// Where the lines of all servers go.
private final class Screen: Sendable {
    private let output: Output
    private let prefix: [UInt8]
    private let limit: Int
    private let showsServer: Bool
    private let count = Mutex(0)

    init(_ output: Output, _ prefix: String?, _ limit: Int?, showsServer: Bool) {
        self.output = output
        self.prefix = Array((prefix ?? "").utf8)
        self.limit = limit ?? .max
        self.showsServer = showsServer
    }

    /// Shows a line, nil for a pause; false if there are enough.
    func show(_ line: String?, of server: Server) -> Bool {
        count.withLock { count in
            guard let line else {
                output.flush()
                return count < limit
            }
            guard count < limit else { return false }
            let event = LoggedEvent(line)
            guard prefix.isEmpty || event.key?.starts(with: prefix) == true else { return true }
            count += 1
            output.show("\(showsServer ? "\(server)\t" : "")\(readable(line))", event.document(server))
            if count >= limit || Terminal.hasOutput { output.flush() }
            return count < limit
        }
    }
}

/// A line such as `ts=1700000000.1 gid=1 type=item_get key=a%20b status=found`.
private struct LoggedEvent {
    private let fields: [(name: String, value: Substring)]

    init(_ line: String) {
        fields = line.split(separator: " ").map { field in
            let parts = field.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            return (String(parts[0]), parts.count > 1 ? parts[1] : "")
        }
    }

    /// The key, without its percent signs.
    var key: [UInt8]? {
        guard let text = fields.first(where: { $0.name == "key" })?.value else { return nil }
        var bytes: [UInt8] = []
        var rest = text.utf8[...]
        while let byte = rest.popFirst() {
            if byte == UInt8(ascii: "%"), let code = UInt8(Substring(rest.prefix(2)), radix: 16) {
                bytes.append(code)
                rest = rest.dropFirst(2)
            } else {
                bytes.append(byte)
            }
        }
        return bytes
    }

    func document(_ server: Server) -> JSONValue {
        var document: [String: JSONValue] = [:]
        for (name, value) in fields where name != "key" { document[name] = .string(String(value)) }
        if let key { document.addBytes(key, text: "key", base64: "keyBase64") }
        document["server"] = .string("\(server)")
        return .object(document)
    }
}
