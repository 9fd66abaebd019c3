import ArgumentParser
import SwiftLibMC

struct Slabs: ClientCommand {
    static let configuration = CommandConfiguration(
        abstract: "Print the servers' slab classes, as memcached-tool does.",
        discussion: """
            A class holds items up to its item size. \
            full: whether it has no free place; evicted: items that were removed before they expired; evict time: for how \
            long the last of them had not been used; OOM: items for which there was no memory. Exits with 3 if any server does not answer.
            """,
        aliases: ["display"]
    )

    @OptionGroup(title: "Connection") var connection: ConnectionOptions

    private static let headings = [
        "class", "item size", "max age", "pages", "items", "full", "evicted", "evict time", "OOM",
    ]

    func run(in session: Session) throws -> Outcome {
        session.forEachServer { client, server in
            let items = try client.statsItems().first?.stats ?? [:]
            let slabs = try client.statsSlabs().first?.stats.slabs ?? [:]
            session.output.json(
                [
                    "server": .string("\(server)"),
                    "slabs": .array(slabs.keys.sorted().map { Self.document($0, slabs[$0], items[$0]) }),
                ]
            )
            if session.output.isJSON { return .done }
            session.output.line(Terminal.styled("\(server)", .bold))
            var table = Table(Self.headings)
            for number in slabs.keys.sorted() { table.add(Self.cells(number, slabs[number], items[number])) }
            for line in table.lines { session.output.line(line) }
            return .done
        }
    }

    private static func cells(_ number: Int, _ slab: SlabStatistics?, _ items: ItemStatistics?) -> [String] {
        [
            "\(number)", slab?.chunkSize.map { bytesText(Double($0)) } ?? "-",
            items?.age.map { "\($0.components.seconds) s" } ?? "-", "\(slab?.totalPages ?? 0)", "\(items?.number ?? 0)",
            slab?.freeChunks == 0 ? "yes" : "no", "\(items?.evicted ?? 0)",
            items?.evictedTime.map { "\($0.components.seconds) s" } ?? "-", "\(items?.outofmemory ?? 0)",
        ]
    }

    private static func document(_ number: Int, _ slab: SlabStatistics?, _ items: ItemStatistics?) -> JSONValue {
        let amount = { (value: Int?) -> JSONValue in value.map { .integer(Int64($0)) } ?? .null }
        let seconds = { (value: Duration?) -> JSONValue in value.map { .integer($0.components.seconds) } ?? .null }
        return [
            "class": amount(number), "chunkSize": amount(slab?.chunkSize), "maxAgeSeconds": seconds(items?.age),
            "pages": amount(slab?.totalPages), "items": amount(items?.number), "freeChunks": amount(slab?.freeChunks),
            "evicted": amount(items?.evicted), "evictTimeSeconds": seconds(items?.evictedTime),
            "outOfMemory": amount(items?.outofmemory),
        ]
    }
}
