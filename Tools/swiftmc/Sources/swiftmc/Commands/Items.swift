import ArgumentParser
import SwiftLibMC

struct Delete: ClientCommand {
    static let configuration = CommandConfiguration(
        abstract: "Delete items.",
        discussion: """
            Exits with 1 if any was missing, or if there was none with the prefix. --prefix asks first, unless told not to; \
            it finds the keys as dump does, whose --prefix shows them, and what is stored meanwhile may stay.
            """
    )

    @Argument(help: "The items' keys.")
    var keys: [String] = []

    @Option(help: ArgumentHelp("All items whose keys begin with this, namespace included.", valueName: "text"))
    var prefix: String?

    @Flag(name: [.short, .long], help: "Don't ask.")
    var yes = false

    @OptionGroup(title: "Connection") var connection: ConnectionOptions

    func validate() throws {
        if keys.isEmpty == (prefix == nil) { throw ValidationError("say either keys or a --prefix") }
        if prefix == "" { throw ValidationError("every key has the empty prefix; flush empties the servers") }
    }

    func run(in session: Session) throws -> Outcome {
        guard let prefix else {
            return session.forEach(keys, "deleted") { key in try session.client.delete(key) }
        }
        let question = "Delete all items whose keys begin with \"\(prefix)\" on \(session.serverList)?"
        guard try Terminal.confirms(question, unless: yes) else { return .miss }
        var count = 0
        let outcome = session.forEachBatch(prefix: prefix) { client, _, keys in
            try session.forAll(keys) { keys in
                let response = try client.execute(
                    .many(keys.map(\.bytes), prefix: nil, .delete(noreply: false), for: .deleteMulti)
                )
                count += response.results.count { if case .done = $0 { true } else { false } }
                if let failure = response.failures.first { throw failure.error }
            }
            Terminal.showProgress("\(count) items")
        }
        Terminal.showProgress(nil)
        session.output.json(["prefix": .string(prefix), "deleted": .integer(Int64(count))])
        session.output.note("deleted \(count) items")
        return outcome.worse(count > 0 ? Outcome.done : .miss)
    }
}

struct Touch: ClientCommand {
    static let configuration = CommandConfiguration(
        abstract: "Set when items expire.",
        discussion: "Exits with 1 if any was missing."
    )

    @Argument(help: "The items' keys.")
    var keys: [String]

    @Option(name: [.short, .long], help: Time.help)
    var time: Time

    @OptionGroup(title: "Connection") var connection: ConnectionOptions

    func run(in session: Session) throws -> Outcome {
        session.forEach(keys, "touched") { key in try session.client.touch(key, time: time.expiration) }
    }
}

extension Session {
    /// Does something to each item, and tells which were there.
    fileprivate func forEach(_ keys: [String], _ word: String, _ body: (String) throws -> Bool) -> Outcome {
        forEach(keys) { key in
            let wasThere = try body(key)
            output.json(["key": .string(key), word: .bool(wasThere)])
            if wasThere {
                output.note("\(word) \(readable(key))")
            } else if !output.isJSON {
                Terminal.complain("no such item: \(key)")
            }
            return wasThere ? .done : .miss
        }
    }
}
