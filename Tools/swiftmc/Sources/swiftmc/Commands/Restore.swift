import ArgumentParser
import Foundation
import SwiftLibMC

struct Restore: ClientCommand {
    static let configuration = CommandConfiguration(
        abstract: "Store what dump --values has printed.",
        discussion: """
            Reads the standard input: swiftmc restore < items.jsonl. Each item goes to the server that now has its key. Those \
            that have expired are left out. Exits with 3 if any item could not be stored; the others are.
            """
    )

    @Flag(help: "Leave items alone that are there already.")
    var keep = false

    @OptionGroup(title: "Connection") var connection: ConnectionOptions

    private static let batchCount = 1000
    private static let batchSize = 4 << 20

    func run(in session: Session) throws -> Outcome {
        guard !session.isInteractive else { throw ValidationError("the items come from the standard input") }
        let client = try session.client.alone()
        var work = Restoration(keep: keep)
        var batch: [StoredItem] = []
        var size = 0
        var number = 0
        func store() {
            work.store(batch, client, session)
            (batch, size) = ([], 0)
            Terminal.showProgress("\(work.stored) items")
        }
        while let line = readLine() {
            number += 1
            if line.allSatisfy(\.isWhitespace) { continue }
            guard let item = StoredItem(line) else {
                Terminal.complain("\(session.complaints.command): line \(number) is no item")
                work.failed += 1
                continue
            }
            batch.append(item)
            size += item.value.count
            if batch.count >= Self.batchCount || size >= Self.batchSize { store() }
        }
        store()
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
    let keep: Bool
    var stored = 0
    var kept = 0
    var expired = 0
    var failed = 0

    /// Stores some items, those with the same expiration together.
    mutating func store(_ items: [StoredItem], _ client: Client, _ session: Session) {
        let now = Int(Date().timeIntervalSince1970)
        let living = items.filter { $0.expiration ?? .max > now }
        expired += items.count - living.count
        for (expiration, items) in Dictionary(grouping: living, by: \.expiration) {
            let options = MemcachedRequest.Writing(time: expiration.map { .unixTime($0) } ?? .never)
            do {
                failed += try session.forAll(items) { items in
                    let values = items.map { MemcachedRequest.Value.bytes($0.payload) }
                    let action = MemcachedRequest.Action.store(.many(values), keep ? .ifAbsent : .always, options)
                    let request = MemcachedRequest.many(items.map(\.key), prefix: nil, action, for: .setMulti)
                    count(try client.execute(request), items, session)
                }
            } catch {
                failed += items.count
                _ = session.report(error)
            }
        }
    }

    private mutating func count(_ response: MemcachedResponse, _ items: [StoredItem], _ session: Session) {
        for failure in response.failures { _ = session.report(failure.error) }
        for (result, item) in zip(response.results, items) {
            switch result {
            case .done: stored += 1
            case .declined: kept += 1
            case .refused(var error as MemcachedError):
                failed += 1
                error.key = String(decoding: item.key, as: UTF8.self)
                _ = session.report(error)
            default: failed += 1
            }
        }
    }
}
