extension MemcachedResponse {
    /// The statistics of the servers that answered.
    var statistics: [(server: Server, stats: [String: String])] {
        servers.compactMap { reply in
            if case .statistics(let server, let values) = reply { (server: server, stats: values) } else { nil }
        }
    }

    /// The versions of the servers that answered.
    var versions: [(server: Server, version: String)] {
        servers.compactMap { reply in
            if case .version(let server, let version) = reply { (server: server, version: version) } else { nil }
        }
    }

    /// The server that an item lives on.
    var location: Server? { if case .location(let server) = servers.first { server } else { nil } }

    /// For each server nil, or why it does not answer.
    var pings: [(server: Server, error: MemcachedError?)] {
        servers.compactMap { reply in
            if case .ping(let server, let error) = reply { (server: server, error: error) } else { nil }
        }
    }
}
