import ArgumentParser
import Foundation
import SwiftLibMC

struct Top: ClientCommand {
    static let configuration = CommandConfiguration(
        abstract: "Show what the servers are doing, live.",
        discussion: """
            For each server hit ratio, commands, evictions and bytes per second, connections, items and memory; and the slab \
            classes, those that evict most first. Ctrl-C ends it. Exits with 3 if any server did not answer at the last time.
            """
    )

    @Option(name: [.short, .long], help: ArgumentHelp("How long to wait in between.", valueName: "time"))
    var interval = Span(.seconds(2))

    @Flag(help: "Show one interval, and end.")
    var once = false

    @Option(
        help: ArgumentHelp(
            "How many slab classes to show; as many as there is room for if left out.",
            valueName: "count"
        )
    )
    var slabs: Int?

    @OptionGroup(title: "Connection") var connection: ConnectionOptions

    func validate() throws {
        try Span.checkInterval(interval, nil)
        if let slabs, slabs < 0 { throw ValidationError("the number of slab classes must not be negative") }
    }

    func run(in session: Session) throws -> Outcome {
        let sampler = try Sampler(session, withSlabs: true)
        let isLive = !once && !session.output.isJSON && Terminal.hasOutput
        var outcome = Outcome.done
        defer { Terminal.setFullScreen(false) }
        if isLive {
            Terminal.setFullScreen(true)
            draw(try sampler.samples().map { Change($0) }, session.output)
        }
        try sampler.run(every: interval.duration, once ? 1 : nil) { changes in
            outcome = changes.contains { $0.error != nil } ? .failure : .done
            if session.output.isJSON {
                for change in changes { session.output.json(change.document) }
            } else if isLive {
                draw(changes, session.output)
            } else {
                for line in lines(changes, slabCount: slabs ?? .max) { session.output.line(line) }
            }
            session.output.flush()
        }
        return outcome
    }

    /// Draws over what is on the screen, without a flicker.
    private func draw(_ changes: [Change], _ output: Output) {
        let height = Terminal.height
        let room = max(0, height - changes.count - 6)
        let lines = lines(changes, slabCount: min(slabs ?? room, room)).prefix(height - 1)
        output.write("\u{1B}[H".utf8)
        for line in lines { output.line("\(line)\u{1B}[K") }
        output.write("\u{1B}[J".utf8)
        output.flush()
    }

    private func lines(_ changes: [Change], slabCount: Int) -> [String] {
        let time = Date().formatted(.iso8601.time(includingFractionalSeconds: false))
        var lines = [Terminal.styled("\(changes.count) servers, every \(interval), \(time) UTC", .dim), ""]
        var table = Table(["server"] + Rates.headings)
        for change in changes { table.add(["\(change.server)"] + change.cells) }
        lines += table.styledLines + [""]
        let slabs = changes.flatMap { change in change.slabs.map { (server: change.server, slab: $0) } }
            .sorted {
                ($0.slab.evictions ?? 0, $0.slab.items?.number ?? 0) > (
                    $1.slab.evictions ?? 0, $1.slab.items?.number ?? 0
                )
            }
            .prefix(slabCount)
        guard !slabs.isEmpty else { return lines }
        table = Table(["server"] + SlabChange.headings)
        for (server, slab) in slabs { table.add(["\(server)"] + slab.cells) }
        return lines + table.styledLines
    }
}

extension Table {
    /// The lines, with a heading that stands out.
    fileprivate var styledLines: [String] { [Terminal.styled(lines[0], .bold)] + lines.dropFirst() }
}
