import Foundation
import SwiftLibMC

/// `replies <protocol> <address> <address of a proxy> <calls>`: every public operation again and again, over a proxy
/// that changes the replies.
///
/// Whatever comes of a call, it has to come in time.
func garbledReplies(_ arguments: Arguments, _ report: Report) throws {
    let (address, proxy) = (arguments.words[1], arguments.words[2])
    let calls = Int(arguments.words[3]) ?? 0
    let patience = Duration.milliseconds(50)
    let behaviors = Behaviors(connectTimeout: .seconds(1), pollTimeout: patience)
    // Those that ask no server are of no use here.
    let operations = Operation.all.filter { !["hash", "server"].contains($0.name) }
    for number in 0..<calls {
        let operation = operations[number % operations.count]
        report.line("step \(operation.title)")
        let items = try Items("\(getpid())-\(number)", Client([address], protocol: arguments.choice))
        let client = try Client([proxy], protocol: arguments.choice, behaviors: behaviors)
        let start = ContinuousClock.now
        for _ in 0..<3 { _ = try? operation.run(client, items) }
        let elapsed = start.duration(to: .now)
        // Three calls of a few waits each, and room for a busy machine.
        if elapsed > .seconds(10) { report.line("bad \(operation.title): took \(elapsed)") }
    }
}
