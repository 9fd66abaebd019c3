/// The settings of a client from environment variables.
struct EnvironmentSettings: Sendable {
    private(set) var servers: [Server]
    private(set) var username: String?
    private(set) var password: String?
    private(set) var behaviors: Behaviors
    /// Which protocol to speak, unless the servers' addresses say so.
    private(set) var wireProtocol: MemcachedProtocol

    /// Reads the variables of the first family that names servers: the prefix's, then those without prefix, then those
    /// of the hosted services.
    init(prefix: String?, variables: [String: String]) throws(MemcachedError) {
        let variables = Variables(values: variables)
        let own = try Self.names(prefix: prefix)
        let hosted = ["MEMCACHIER", "MEMCACHEDCLOUD"].first { variables["\($0)_SERVERS"] != nil }
        // A service's credentials are for its own servers only.
        let isHosted = hosted != nil && own.allSatisfy { variables["\($0)_SERVERS"] == nil }
        let families = isHosted ? [hosted].compactMap(\.self) : own

        servers = try variables.servers(families) ?? [Server(.tcp(host: "127.0.0.1", port: Server.defaultPort))]
        (username, password) = try variables.credentials(families)
        behaviors = try variables.behaviors(own)
        wireProtocol = try variables.wireProtocol(own, servers)
    }

    /// `<PREFIX>_MEMCACHED` and `MEMCACHED`.
    ///
    /// A character that variable names can't have, such as the hyphen of `shop-eu`, becomes an underscore.
    private static func names(prefix: String?) throws(MemcachedError) -> [String] {
        guard let prefix else { return ["MEMCACHED"] }
        guard !prefix.isEmpty, !prefix.utf8.contains(where: { $0 == UInt8(ascii: "=") || $0 <= 0x20 }) else {
            throw Variables.malformed("\(prefix.debugDescription) can't be the prefix of an environment variable")
        }
        let name = prefix.uppercased().map { $0.isLetter || $0.isNumber ? $0 : "_" }
        return ["\(String(name))_MEMCACHED", "MEMCACHED"]
    }
}

/// Environment variables, of which an empty one counts as not set.
private struct Variables {
    let values: [String: String]

    subscript(name: String) -> String? {
        guard let text = values[name], text.contains(where: { !$0.isWhitespace }) else { return nil }
        return text
    }

    /// The first of `<FAMILY>_<ending>` that is set.
    private func first(_ ending: String, in families: [String]) -> (name: String, text: String)? {
        for family in families {
            let name = "\(family)_\(ending)"
            if let text = self[name] { return (name, text) }
        }
        return nil
    }

    func servers(_ families: [String]) throws(MemcachedError) -> [Server]? {
        guard let (name, text) = first("SERVERS", in: families) else { return nil }
        try checkList(name, text)
        var servers: [Server] = []
        for entry in Self.entries(text) {
            do throws(MemcachedError) {
                servers.append(try Server(parsing: String(entry)))
            } catch {
                var error = error
                error.operation = Self.operation
                error.detail = "the variable \(name): \(error.detail)"
                throw error
            }
        }
        guard !servers.isEmpty else {
            throw Self.malformed("the variable \(name), \(text.debugDescription), names no server", .invalidServer)
        }
        return servers
    }

    /// Refuses lists that would be divided in the wrong places, with parts of a password quoted in the error.
    private func checkList(_ name: String, _ text: String) throws(MemcachedError) {
        let family = name.dropLast("_SERVERS".count)
        // In the path of a socket either character may stand.
        let hosts = Self.entries(text).filter { !$0.hasPrefix("/") && !$0.hasPrefix(Server.unixPrefix) }
        if hosts.contains(where: { $0.utf8.contains(UInt8(ascii: "@")) }) {
            throw Self.malformed(
                "the variable \(name) holds an @; credentials are not part of an address: they go into "
                    + "\(family)_USERNAME and \(family)_PASSWORD",
                .invalidServer
            )
        }
        if hosts.contains(where: { $0.utf8.contains(UInt8(ascii: ";")) }) {
            throw Self.malformed(
                "the variable \(name) holds a semicolon: commas or blanks stand between servers",
                .invalidServer
            )
        }
    }

    private static func entries(_ list: String) -> [Substring] {
        list.split(whereSeparator: { $0 == "," || $0.isWhitespace })
    }

    /// The protocol that `<FAMILY>_PROTOCOL` names; the best one for each command if none is set.
    func wireProtocol(_ families: [String], _ servers: [Server]) throws(MemcachedError) -> MemcachedProtocol {
        guard let (name, text) = first("PROTOCOL", in: families) else { return .automatic }
        if text.trimmed.lowercased() == MemcachedProtocol.automatic.rawValue { return .automatic }
        guard let wanted = Server.WireProtocol(parsing: String(text.trimmed)) else {
            throw Self.malformed(
                "the variable \(name) is \(text.debugDescription), and has to be binary, ascii or automatic"
            )
        }
        if let other = servers.compactMap(\.wireProtocol).first(where: { $0 != wanted }) {
            throw Self.malformed("the variable \(name) says \(wanted), but the address of a server says \(other)")
        }
        return wanted == .binary ? .binary : .text
    }

    /// User name and password of the same family: half a pair is not completed by another family's half.
    func credentials(_ families: [String]) throws(MemcachedError) -> (username: String?, password: String?) {
        for family in families {
            let username = self["\(family)_USERNAME"].map { String($0.trimmed) }
            let password = self["\(family)_PASSWORD"].map { String($0.trimmed) }
            if username == nil, password == nil { continue }
            guard let username, let password else {
                let (there, missing) = username == nil ? ("PASSWORD", "USERNAME") : ("USERNAME", "PASSWORD")
                throw Self.malformed("the variable \(family)_\(there) is set, but \(family)_\(missing) is not")
            }
            return (username, password)
        }
        return (nil, nil)
    }

    func behaviors(_ families: [String]) throws(MemcachedError) -> Behaviors {
        guard let (name, text) = first("BEHAVIORS", in: families) else { return Behaviors() }
        var settings: [String: String] = [:]
        for entry in text.split(whereSeparator: { ",;\n".contains($0) }) {
            let entry = entry.trimmed
            if entry.isEmpty { continue }
            guard let sign = entry.firstIndex(where: { $0 == "=" || $0 == ":" }) else {
                throw Self.malformed("the variable \(name): \(entry.debugDescription) is not of the form name=value")
            }
            let setting = String(entry[..<sign].trimmed)
            let value = String(entry[entry.index(after: sign)...].trimmed)
            guard settings.updateValue(value, forKey: setting) == nil else {
                throw Self.malformed("the variable \(name) sets \(setting.debugDescription) twice")
            }
        }
        do throws(MemcachedError) {
            return try Behaviors(settings)
        } catch {
            throw Self.malformed("the variable \(name): \(error.detail)")
        }
    }

    static let operation = "Client(environment:)"

    static func malformed(_ detail: String, _ code: MemcachedError.Code = .invalidArguments) -> MemcachedError {
        MemcachedError(code: code, operation: operation, detail: detail)
    }
}
