import ArgumentParser
import Foundation
import SwiftLibMC

struct Dump: ClientCommand {
    static let configuration = CommandConfiguration(
        abstract: "List what the servers hold.",
        discussion: """
            For looking around: a server walks through all of its memory, and lists its keys in the ASCII protocol, which \
            needs servers without a password. Items may be gone by the time you read of them. Control characters in keys are \
            written out, as \\x0a. --values prints a JSON document for each item, which restore reads; keys include \
            any namespace. Exits with 3 if any server does not answer.
            """
    )

    @Option(help: ArgumentHelp("Only keys that begin with this.", valueName: "text"))
    var prefix = ""

    @Option(help: ArgumentHelp("At most this many.", valueName: "count"))
    var limit: Int?

    @Option(help: ArgumentHelp("How long a server may go on listing keys: 30s, 10m.", valueName: "time"))
    var timeLimit = Span(.seconds(600))

    @Flag(help: "Print size, expiration and server, too.")
    var long = false

    @Flag(help: "Print the items with their values, in JSON.")
    var values = false

    @OptionGroup(title: "Connection") var connection: ConnectionOptions

    func validate() throws {
        if long, values { throw ValidationError("say either --long or --values") }
        if let limit, limit < 0 { throw ValidationError("a limit must not be negative") }
    }

    func run(in session: Session) throws -> Outcome {
        defer { Terminal.showProgress(nil) }
        if long, !session.output.isJSON {
            session.output.line(Terminal.styled("KEY\tSIZE\tEXPIRES\tSERVER", .bold))
        }
        var count = 0
        let timeLimit = timeLimit.duration
        return session.forEachBatch(prefix: prefix, limit: limit, timeLimit: timeLimit) { client, server, keys in
            count += keys.count
            // On a terminal the keys themselves are progress enough.
            if !Terminal.hasOutput { Terminal.showProgress("\(count) keys") }
            if values {
                try session.forAll(keys) { show(try client.storedItems($0), session.output) }
            } else {
                for key in keys { show(key, server, session.output) }
            }
        }
    }

    private func show(_ items: [StoredItem], _ output: Output) {
        for item in items { output.line(item.document.text) }
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
            let time = key.expiration.map { Date(timeIntervalSince1970: Double($0)).formatted(.iso8601) }
            output.line("\(readable(key.bytes))\t\(key.size)\t\(time ?? "never")\t\(server)")
        } else {
            output.line(readable(key.bytes))
        }
    }
}

extension Client {
    /// The items of some keys with their values; what is gone is left out.
    fileprivate func storedItems(_ keys: [StoredKey]) throws -> [StoredItem] {
        let found = try items(keys.map(\.bytes))
        return keys.compactMap { key in
            found[key.bytes].map {
                StoredItem(key: key.bytes, value: $0.bytes, flags: $0.flags.rawValue, expiration: key.expiration)
            }
        }
    }
}

extension Session {
    private static let batchCount = 1000
    private static let batchSize = 4 << 20

    /// Goes through the keys that each server holds, as it has them, some at a time, with a client of that server.
    func forEachBatch(
        prefix: String,
        limit: Int? = nil,
        timeLimit: Duration = .seconds(600),
        _ body: (Client, Server, [StoredKey]) throws -> Void
    ) -> Outcome {
        struct Enough: Error {}
        var left = limit ?? .max
        return forEachServer { client, server in
            var batch: [StoredKey] = []
            var size = 0
            func handOver() throws {
                if !batch.isEmpty { try body(client, server, batch) }
                (batch, size) = ([], 0)
            }
            do {
                try client.forEachStoredKey(patience: patience, timeLimit: timeLimit) { _, key in
                    if left == 0 { throw Enough() }
                    guard key.bytes.starts(with: prefix.utf8) else { return }
                    left -= 1
                    batch.append(key)
                    // What the server says may be any number.
                    size += min(max(key.size, 0), Self.batchSize)
                    if batch.count >= Self.batchCount || size >= Self.batchSize { try handOver() }
                }
            } catch is Enough {}
            try handOver()
            return .done
        }
    }
}
