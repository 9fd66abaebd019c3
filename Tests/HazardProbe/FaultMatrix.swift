import Foundation
import SwiftLibMC

/// `matrix <automatic|binary|text> <healthy|broken|empty> <address>`: every public operation, each on a client of its own.
///
/// `broken`: each has to throw, naming itself and the server. `empty`: the server says END to everything, which is what
/// a miss looks like in ASCII; then reads may find nothing. `full`: the server has no memory, and calls for many keys
/// may say that none was done.
func faultMatrix(_ arguments: Arguments, _ report: Report) throws {
    let condition = arguments.words[1]
    let address = arguments.words[2]
    let isHealthy = condition == "healthy"
    let patience: Duration = isHealthy ? .seconds(5) : .milliseconds(100)
    func client() throws -> Client {
        try Client(
            [address],
            protocol: arguments.choice,
            behaviors: Behaviors(connectTimeout: patience, pollTimeout: patience)
        )
    }
    for (number, operation) in Operation.all.enumerated() {
        report.step(operation.title) {
            let items = try Items("\(getpid())-\(number)", isHealthy ? client() : nil)
            let start = ContinuousClock.now
            let outcome = Result { try operation.run(client(), items) }
            let elapsed = start.duration(to: .now)
            // A few waits of `patience`, and room for a busy machine.
            if elapsed > .seconds(5) { return "took \(elapsed)" }
            return complaint(about: outcome, operation, condition, address)
        }
    }
}

private func complaint(
    about outcome: Result<String, any Error>,
    _ operation: Operation,
    _ condition: String,
    _ address: String
) -> String? {
    switch outcome {
    case .success(let value):
        if condition == "healthy" { return value == operation.healthy ? nil : "gave \(value)" }
        if operation.forgiving.contains(value) { return nil }
        if condition == "empty", operation.emptyResults.contains(value) { return nil }
        if condition == "full", operation.name.hasSuffix("Multi"), ["2", "false"].contains(value) { return nil }
        return "gave \(value)"
    case .failure(let error as MemcachedError):
        if condition == "healthy" { return "threw \(error)" }
        if error.operation != operation.name { return "blames \(error.operation): \(error)" }
        if error.server?.description != address {
            return "blames \(error.server?.description ?? "no server"): \(error)"
        }
        if ["0x", ".cc", "->", "SUCCESS"].contains(where: error.detail.contains) { return "says \(error)" }
        if error.detail.isEmpty { return "says nothing" }
        return nil
    case .failure(let error):
        return "threw \(error)"
    }
}

extension Operation {
    /// What reads give that find nothing.
    fileprivate var emptyResults: [String] {
        switch name {
        case "get", "gets", "item", "update": ["nil", "-1", "default"]
        case "withBytes": ["-1"]
        case "contains": ["false"]
        case "getMulti": ["0 nil"]
        case "getMultiArray": ["nil nil"]
        case "getsMulti", "items": [""]
        default: []
        }
    }
}
