import ArgumentParser
import Foundation
import SwiftLibMC

/// Which servers, and how to talk to them; the same for every command.
struct ConnectionOptions: ParsableArguments {
    @Option(
        name: [.short, .long],
        help: ArgumentHelp(
            "A server: host, host:port, host:port:weight or /path. May be repeated.",
            valueName: "address"
        )
    )
    var server: [String] = []

    @Option(help: ArgumentHelp("Read <prefix>_MEMCACHED_SERVERS and so on from the environment.", valueName: "prefix"))
    var environment: String?

    @Flag(help: "Speak the ASCII protocol only, instead of the best protocol for each command.")
    var ascii = false

    @Option(help: ArgumentHelp("Log in with SASL; the password is asked for.", valueName: "name"))
    var user: String?

    @Option(help: ArgumentHelp("Take the password from this environment variable.", valueName: "variable"))
    var passwordEnv: String?

    @Option(
        name: [.short, .long],
        help: ArgumentHelp("A behavior by pylibmc's name, such as ketama=1. May be repeated.", valueName: "name=value")
    )
    var behavior: [String] = []

    @Option(help: ArgumentHelp("How long to wait for a server: 500ms, 2s.", valueName: "time"))
    var timeout: Span?

    @Option(help: ArgumentHelp("Read and write values as this library does.", valueName: "library"))
    var format: Format?

    @Flag(help: "Print JSON.")
    var json = false

    func validate() throws {
        if passwordEnv != nil, user == nil { throw ValidationError("--password-env is for a --user") }
        if ascii, user != nil { throw ValidationError("the ASCII protocol has no passwords") }
        if let timeout, timeout.duration <= .zero { throw ValidationError("a time-out must be more than zero") }
    }

    /// How all of them look in a line of usage.
    static let usage = String(usageString().drop { $0 != "[" })

    /// What decides on the client, to be compared; by bytes, because two names may be equal as text.
    var target: [[UInt8]] {
        let texts =
            server + ["\(environment ?? "") \(ascii) \(user ?? "") \(passwordEnv ?? "") \(format?.rawValue ?? "")"]
            + behavior + (timeout.map { ["\($0.duration)"] } ?? [])
        return texts.map { Array($0.utf8) }
    }
}

/// The formats by their names.
enum Format: String, CaseIterable, ExpressibleByArgument {
    case pylibmc, pythonMemcached, pymemcache, bmemcached, php, dalli, spymemcached, raw

    var valueFormat: ValueFormat {
        switch self {
        case .pylibmc: .pylibmc
        case .pythonMemcached: .pythonMemcached
        case .pymemcache: .pymemcache
        case .bmemcached: .bmemcached
        case .php: .php
        case .dalli: .dalli
        case .spymemcached: .spymemcached
        case .raw: .raw
        }
    }
}

extension ConnectionOptions {
    /// Makes the client; nothing is connected yet.
    func makeClient() throws -> Client {
        let client = try clientOfServers()
        try client.setBehaviors(behaviors())
        client.format = format?.valueFormat ?? .pylibmc
        // It has to be set for calls to end in a program with one thread, whatever the server does.
        client.commandTimeout = max(client.commandTimeout, (timeout?.duration ?? .zero) * 4)
        return client
    }

    private func clientOfServers() throws -> Client {
        let password = try user.map(askPassword)
        if server.isEmpty {
            // It may bring credentials and behaviors, too.
            let found = try Client(environment: environment)
            if !ascii, user == nil { return found }
            return try Client(
                servers: found.servers,
                protocol: ascii ? .text : found.wireProtocol,
                username: user,
                password: password,
                behaviors: found.behaviors
            )
        }
        return try Client(server, binary: ascii ? false : nil, username: user, password: password)
    }

    private func behaviors() throws -> Behaviors {
        var dictionary: [String: String] = [:]
        for setting in behavior {
            guard let sign = setting.firstIndex(of: "=") else {
                throw ValidationError("a behavior is given as name=value, not as \"\(setting)\"")
            }
            dictionary[String(setting[..<sign])] = String(setting[setting.index(after: sign)...])
        }
        var behaviors = try Behaviors(dictionary)
        if let timeout {
            behaviors.connectTimeout = timeout.duration
            behaviors.pollTimeout = timeout.duration
        }
        return behaviors
    }

    private func askPassword(of user: String) throws -> String {
        if let passwordEnv {
            guard let password = ProcessInfo.processInfo.environment[passwordEnv] else {
                throw ValidationError("there is no environment variable \(passwordEnv)")
            }
            return password
        }
        guard Terminal.hasInput, let password = Terminal.askSecret("Password of \(user): ") else {
            throw ValidationError("there is no terminal to ask for the password; use --password-env")
        }
        return password
    }
}
