import SwiftLibMC
import TestSupport

/// What the examples of the documents run against; Scripts/examples puts calls of this into them.
enum Example {
    /// A client of the first plain server, patient enough for a busy machine.
    static func client() throws -> Client {
        try Client([plain(1)], behaviors: Behaviors(connectTimeout: .seconds(10), pollTimeout: .seconds(10)))
    }

    /// The address of a plain server.
    static func plain(_ number: Int) -> String { servers[number - 1].address }

    /// The address of a server that wants a user name and a password.
    static var guarded: String { guardedServer.address }

    /// The path of a server's unix socket.
    static var unix: String { unixServer.address }

    private static let guardedServer = started(.sasl(SASLAccount(username: "app", password: "secret")))
    private static let unixServer = started(.unix)
    private static let servers = (1...3).map { _ in started(.tcp) }

    /// Not throwing, because it stands where the documents have string literals.
    private static func started(_ options: MemcachedOptions) -> MemcachedServer {
        do {
            return try MemcachedServer.start(options)
        } catch {
            fatalError("the examples have no server: \(error)")
        }
    }
}
