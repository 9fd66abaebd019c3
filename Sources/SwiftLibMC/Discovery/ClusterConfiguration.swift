/// A configuration endpoint's description of its cluster.
public struct ClusterConfiguration: Hashable, Sendable {
    /// A number that the endpoint changes whenever it changes the servers.
    public let version: Int
    /// The servers of the cluster, in the endpoint's order.
    public let servers: [Server]

    /// Makes a configuration.
    public init(version: Int, servers: [Server]) {
        self.version = version
        self.servers = servers
    }
}

extension ClusterConfiguration {
    /// Why a text is not a configuration, as the end of a sentence.
    struct Malformed: Error {
        let reason: String
    }

    /// Reads an endpoint's text: a line with the version, then a line of nodes, `host|address|port` each, with blanks
    /// between them.
    init(parsing text: String) throws(Malformed) {
        // Bytes, not characters: a line end of two bytes is one character.
        let lines = text.utf8.split { $0 == UInt8(ascii: "\n") || $0 == UInt8(ascii: "\r") }
        guard lines.count == 2 else { throw Malformed(reason: "it has \(lines.count) lines, and should have two") }
        guard let version = Int(String(Substring(lines[0]))) else {
            throw Malformed(reason: "it does not begin with the number of a version")
        }
        var servers: [Server] = []
        for node in lines[1].split(separator: UInt8(ascii: " ")) {
            servers.append(try Self.server(String(Substring(node))))
        }
        guard !servers.isEmpty else { throw Malformed(reason: "it names no servers") }
        self.init(version: version, servers: servers)
    }

    private static func server(_ node: String) throws(Malformed) -> Server {
        let parts = node.split(separator: "|", omittingEmptySubsequences: false)
        guard node.escapingControls == node else { throw Malformed(reason: "a node holds a control character") }
        guard parts.count == 3, let port = Int(parts[2]) else {
            throw Malformed(reason: "a node is not of the form host|address|port")
        }
        // The name rather than the address, because keys are placed by this text, and addresses change. It is missing
        // if the node has none.
        let server = Server(.tcp(host: String(parts[0].isEmpty ? parts[1] : parts[0]), port: port))
        do throws(MemcachedError) {
            try server.validate()
        } catch {
            throw Malformed(reason: error.detail)
        }
        // So that the address can be copied from a message and used.
        guard (try? Server(parsing: server.description)) == server else {
            throw Malformed(reason: "a node's name holds what no address may hold")
        }
        return server
    }
}
