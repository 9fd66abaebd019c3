import ArgumentParser
import Foundation
import SwiftLibMC

struct Restore: ClientCommand {
    static let configuration = CommandConfiguration(
        abstract: "Store what dump --values has printed.",
        discussion: """
            Reads the standard input: swiftmc restore < items.jsonl. Each item goes to the server that now has its key. Those \
            that have expired are left out. Ends with 3 if any item could not be stored; the others are.
            """
    )

    @Flag(help: "Leave items alone that are there already.")
    var keep = false

    @OptionGroup(title: "Connection") var connection: ConnectionOptions

    private static let batchCount = 1000
    private static let batchSize = 4 << 20

    func run(in session: Session) throws -> Outcome {
        guard !session.isInteractive else { throw ValidationError("the items come from the standard input") }
        var work = Restoration(client: try session.client.alone(), keep: keep, complaints: session.complaints)
        var batch: [StoredItem] = []
        var size = 0
        var number = 0
        while let line = readLine() {
            number += 1
            if line.allSatisfy(\.isWhitespace) { continue }
            guard let item = StoredItem(line) else {
                work.fail("line \(number) is no item")
                continue
            }
            batch.append(item)
            size += item.value.count
            guard batch.count >= Self.batchCount || size >= Self.batchSize else { continue }
            try work.store(batch)
            (batch, size) = ([], 0)
            Terminal.showProgress("\(work.stored) items")
        }
        try work.store(batch)
        Terminal.showProgress(nil)
        session.output.json(
            [
                "stored": .integer(Int64(work.stored)), "kept": .integer(Int64(work.kept)),
                "expired": .integer(Int64(work.expired)), "failed": .integer(Int64(work.failed)),
            ]
        )
        session.output.note("stored \(work.stored) items, kept \(work.kept), left out \(work.expired) expired ones")
        return work.failed > 0 ? .failure : .done
    }
}

/// Items on their way back.
private struct Restoration {
    let client: Client
    let keep: Bool
    let complaints: Complaints
    var stored = 0
    var kept = 0
    var expired = 0
    var failed = 0

    mutating func fail(_ reason: String) {
        failed += 1
        Terminal.complain("\(complaints.command): \(reason)")
    }

    /// Stores some items, those with the same expiration together.
    mutating func store(_ items: [StoredItem]) throws {
        let now = Int(Date().timeIntervalSince1970)
        let living = items.filter { $0.expiration ?? .max > now }
        expired += items.count - living.count
        for (expiration, items) in Dictionary(grouping: living, by: \.expiration) {
            let request = MemcachedRequest.many(
                items.map(\.key),
                prefix: nil,
                .store(
                    .many(items.map { .bytes(Payload(bytes: $0.value, flags: Flags(rawValue: $0.flags))) }),
                    keep ? .ifAbsent : .always,
                    .init(time: expiration.map { .unixTime($0) } ?? .never)
                ),
                for: .setMulti
            )
            count(try client.execute(request), items)
        }
    }

    private mutating func count(_ response: MemcachedResponse, _ items: [StoredItem]) {
        for failure in response.failures { Terminal.complain(failure.error.text(of: complaints.command)) }
        for (result, item) in zip(response.results, items) {
            switch result {
            case .done: stored += 1
            case .declined: kept += 1
            case .refused(let error):
                let reason = (error as? MemcachedError)?.toolDetail ?? "\(error)"
                fail("\(readable(item.key)): \(reason)")
            default: failed += 1
            }
        }
    }
}
