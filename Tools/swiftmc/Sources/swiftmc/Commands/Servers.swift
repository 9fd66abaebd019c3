import ArgumentParser
import Foundation
import SwiftLibMC

struct Stats: ClientCommand {
    static let configuration = CommandConfiguration(
        abstract: "Print the servers' statistics.",
        discussion: "Ends with 3 if any server does not answer, 2 if they have no such group."
    )

    @Argument(help: "Which: items, slabs, settings, sizes, conns, and what else the servers know.")
    var group: String?

    @OptionGroup(title: "Connection") var connection: ConnectionOptions

    func run(in session: Session) throws -> Outcome {
        for (server, statistics) in try session.client.getStats(group) {
            session.output.json([
                "server": .string("\(server)"), "stats": .object(statistics.mapValues(JSONValue.string)),
            ])
            if session.output.isJSON { continue }
            session.output.line(Terminal.styled("\(server)", .bold))
            // In the order of the numbers that are in some names.
            let sorted = statistics.sorted { $0.key.compare($1.key, options: .numeric) == .orderedAscending }
                .map { (name: readable($0.key), value: readable($0.value)) }
            let width = sorted.map(\.name.count).max() ?? 0
            for (name, value) in sorted {
                let padding = String(repeating: " ", count: width - name.count)
                session.output.line("  \(name)\(padding)  \(value)")
            }
        }
        return .done
    }
}

struct Ping: ClientCommand {
    static let configuration = CommandConfiguration(
        abstract: "Find out which servers answer.",
        discussion: "Ends with 3 if any does not."
    )

    @OptionGroup(title: "Connection") var connection: ConnectionOptions

    func run(in session: Session) throws -> Outcome {
        var outcome = Outcome.done
        for (server, error) in session.client.ping() {
            if error != nil { outcome = .failure }
            session.output.json(
                [
                    "server": .string("\(server)"), "alive": .bool(error == nil),
                    "error": error.map { .string($0.detail) } ?? .null,
                ]
            )
            if session.output.isJSON { continue }
            let state = error.map { Terminal.styled(readable($0.detail), .red) } ?? Terminal.styled("alive", .green)
            session.output.line("\(server)\t\(state)")
        }
        return outcome
    }
}

struct Version: ClientCommand {
    static let configuration = CommandConfiguration(
        abstract: "Print the servers' versions.",
        discussion: "Ends with 3 if any does not answer."
    )

    @OptionGroup(title: "Connection") var connection: ConnectionOptions

    func run(in session: Session) throws -> Outcome {
        for (server, version) in try session.client.version() {
            session.output.json(["server": .string("\(server)"), "version": .string(version)])
            if !session.output.isJSON { session.output.line("\(server)\t\(readable(version))") }
        }
        return .done
    }
}

struct Flush: ClientCommand {
    static let configuration = CommandConfiguration(
        abstract: "Empty all servers.",
        discussion: "Asks first, unless told not to."
    )

    @Flag(name: [.short, .long], help: "Don't ask.")
    var yes = false

    @Option(help: ArgumentHelp("When: 90s, 5m.", valueName: "time"))
    var delay: Span?

    @OptionGroup(title: "Connection") var connection: ConnectionOptions

    func run(in session: Session) throws -> Outcome {
        if !yes {
            guard Terminal.hasInput else { throw ValidationError("There is no terminal to ask; say --yes.") }
            let servers = session.client.servers.map(\.description).joined(separator: ", ")
            guard Terminal.confirms("Throw away everything on \(servers)?") else { return .miss }
        }
        try session.client.flushAll(time: delay.map { .duration($0.duration) } ?? .now)
        session.output.json(["flushed": true])
        session.output.note("flushed")
        return .done
    }
}

struct Dump: ClientCommand {
    static let configuration = CommandConfiguration(
        abstract: "List the keys that the servers hold.",
        discussion: """
            For looking around: a server walks through all of its memory, and lists its keys in the ASCII protocol, so \
            that there must be no passwords. Control characters in keys are written out, as \\x0a. What was there may be gone when you read of it.
            """
    )

    @Option(help: ArgumentHelp("Only keys that begin so.", valueName: "text"))
    var prefix = ""

    @Option(help: ArgumentHelp("So many at most.", valueName: "count"))
    var limit: Int?

    @Flag(help: "Print size, expiration and server, too.")
    var long = false

    @OptionGroup(title: "Connection") var connection: ConnectionOptions

    private struct Enough: Error {}

    func run(in session: Session) throws -> Outcome {
        var seen = 0
        var count = 0
        defer { Terminal.showProgress(nil) }
        do {
            try session.client.forEachStoredKey(patience: connection.timeout?.duration ?? .seconds(5)) { server, key in
                seen += 1
                // On a terminal the keys themselves are progress enough.
                if seen.isMultiple(of: 10_000), !Terminal.hasOutput { Terminal.showProgress("\(seen) keys") }
                guard key.bytes.starts(with: prefix.utf8) else { return }
                if let limit, count >= limit { throw Enough() }
                count += 1
                show(key, server, session.output)
            }
        } catch is Enough {}
        return .done
    }

    private func show(_ key: StoredKey, _ server: Server, _ output: Output) {
        if output.isJSON {
            var fields: [String: JSONValue] = [
                "key": .string(key.text), "size": .integer(Int64(key.size)), "server": .string("\(server)"),
                "expires": key.expiration.map { .integer(Int64($0)) } ?? .null,
            ]
            if String(validating: key.bytes, as: UTF8.self) == nil {
                fields["keyBase64"] = .string(Data(key.bytes).base64EncodedString())
            }
            output.json(.object(fields))
        } else if long {
            output.line("\(readable(key.bytes))\t\(key.size)\t\(key.expiration.map { "@\($0)" } ?? "never")\t\(server)")
        } else {
            output.line(readable(key.bytes))
        }
    }
}
