import ArgumentParser
import Foundation
import SwiftLibMC

struct Stats: ClientCommand {
    static let configuration = CommandConfiguration(
        abstract: "Print the servers' statistics, or how they change.",
        discussion: """
            With --watch there is a line for each server and interval: hit ratio, commands, evictions and bytes per second; \
            what is open and stored. Exits with 3 if any server does not answer, 2 if they have no such group.
            """
    )

    @Argument(help: "Which: \(Self.groups.joined(separator: ", ")), and what else the servers know.")
    var group: String?

    @Option(
        defaultAsFlag: Span(.seconds(1)),
        parsing: .next,
        help: ArgumentHelp("Print rates per second, again and again.", valueName: "interval")
    )
    var watch: Span?

    @Option(
        name: [.customShort("n"), .long],
        help: ArgumentHelp("Stop after this many intervals.", valueName: "count")
    )
    var count: Int?

    @OptionGroup(title: "Connection") var connection: ConnectionOptions

    private static let groups = ["items", "slabs", "settings", "sizes", "conns", "reset"]

    func validate() throws {
        if watch != nil, group != nil { throw ValidationError("--watch is for the general statistics") }
        if count != nil, watch == nil { throw ValidationError("--count is for --watch") }
        try Span.checkInterval(watch, count)
    }

    func run(in session: Session) throws -> Outcome {
        if let watch { return try Self.watch(session, every: watch.duration, count) }
        do throws(MemcachedError) {
            for (server, statistics) in try session.client.getStats(group) { show(server, statistics, session.output) }
            return .done
        } catch {
            guard error.code == .unknownStatKey, let group,
                let nearest = NearestWord.of(group, among: Self.groups), nearest != group
            else { throw error }
            throw ValidationError("there are no statistics \(group); did you mean \(nearest)?")
        }
    }

    private func show(_ server: Server, _ statistics: [String: String], _ output: Output) {
        output.json(["server": .string("\(server)"), "stats": .object(statistics.mapValues(JSONValue.string))])
        if output.isJSON { return }
        output.line(Terminal.styled("\(server)", .bold))
        if statistics.isEmpty { output.line(group == "reset" ? "  reset" : "  none") }
        // In the order of the numbers that are in some names.
        let sorted = statistics.sorted { $0.key.compare($1.key, options: .numeric) == .orderedAscending }
            .map { (name: readable($0.key), value: readable($0.value)) }
        let width = sorted.map(\.name.count).max() ?? 0
        for (name, value) in sorted {
            output.line("  \(name)\(String(repeating: " ", count: width - name.count))  \(value)")
        }
    }

    // MARK: - Rates

    /// How many lines there are from one heading to the next.
    private static let page = 20

    private static func watch(_ session: Session, every interval: Duration, _ count: Int?) throws -> Outcome {
        let sampler = try Sampler(session)
        var outcome = Outcome.done
        var lines = 0
        try sampler.run(every: interval, count) { changes in
            var table = Table(["server"] + Rates.headings, widths: [sampler.nameWidth] + Rates.widths)
            for change in changes {
                if change.error != nil { outcome = .failure }
                session.output.json(change.document)
                table.add(["\(change.server)"] + change.cells)
            }
            if !session.output.isJSON {
                if lines == 0 { session.output.line(Terminal.styled(table.lines[0], .bold)) }
                for line in table.lines.dropFirst() { session.output.line(line) }
                lines = lines + changes.count < page ? lines + changes.count : 0
            }
            session.output.flush()
        }
        return outcome
    }
}

extension Span {
    /// Refuses intervals and counts that make no sense.
    static func checkInterval(_ interval: Span?, _ count: Int?) throws {
        if let interval, interval.duration < .milliseconds(10) {
            throw ValidationError("an interval must be at least 10ms")
        }
        if let count, count < 1 { throw ValidationError("a count must be at least 1") }
    }
}
