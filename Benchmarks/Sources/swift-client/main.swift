import SwiftLibMC

/// libmemcached's time-out for one operation is of no interest here; a busy machine must not end a measurement.
let patient = Behaviors(connectTimeout: .seconds(30), pollTimeout: .seconds(30))

do {
    let settings = try Settings(CommandLine.arguments.dropFirst())
    let client = try Client(settings.servers, protocol: settings.wireProtocol, behaviors: patient)
    if let commandTimeout = settings.commandTimeout { client.commandTimeout = commandTimeout }
    let work =
        try singleWork(settings, client) ?? multiWork(settings, client) ?? threadedWork(settings, client)
        ?? compressedWork(settings, client) ?? concurrentWork(settings, client)
    guard let work else { throw Failure("no such operation here: \(settings.op) \(settings.style)") }
    try serve(work)
} catch {
    fatalError("\(error)")
}
