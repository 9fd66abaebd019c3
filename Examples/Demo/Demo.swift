import Foundation
import SwiftLibMC

// A tour of the library against real servers. `Scripts/demo` starts them, builds this and runs it.
//
// Each part prints what it does as code and result, and checks what it prints: the program ends with status 1 if
// anything turned out otherwise.

@main
struct Demo {
    static func main() async {
        let screen = Screen()
        do {
            let settings = try Settings(ProcessInfo.processInfo.environment)
            try screen.title(settings)

            try signIn(settings, screen)
            try storeValues(settings, screen)
            try compress(settings, screen)
            try useManyKeys(settings, screen)
            try changeSafely(settings, screen)
            try await shareWork(settings, screen)
            try fail(settings, screen)
        } catch {
            // For people: the description. `debugDescription` has the key and the code, too.
            screen.failure("\(error)")
        }
        screen.close()
        exit(screen.hasFailed ? EXIT_FAILURE : EXIT_SUCCESS)
    }
}

/// Where the servers are.
struct Settings {
    /// A server that wants a user name and a password.
    let vault: String
    let username: String
    let password: String
    /// Two servers that anybody may use.
    let servers: [String]

    init(_ environment: [String: String]) throws {
        guard
            let vault = environment["DEMO_SASL_SERVER"],
            let username = environment["DEMO_USERNAME"],
            let password = environment["DEMO_PASSWORD"],
            let servers = environment["DEMO_SERVERS"]
        else { throw Missing() }
        self.vault = vault
        self.username = username
        self.password = password
        self.servers = servers.split(separator: " ").map(String.init)
    }

    struct Missing: Error, CustomStringConvertible {
        var description: String {
            "the servers are not known; Scripts/demo starts some and passes DEMO_SASL_SERVER, DEMO_USERNAME, "
                + "DEMO_PASSWORD and DEMO_SERVERS"
        }
    }
}
