@testable import SwiftLibMC

// What servers say, as far as this library reads it itself. The rest is read by libmemcached.

extension FuzzTarget {
    static let replies: [FuzzTarget] = [
        FuzzTarget(name: "cluster") { bytes in
            guard let configuration = try? ClusterConfiguration(parsing: String(decoding: bytes, as: UTF8.self)) else {
                return
            }
            check(!configuration.servers.isEmpty, "no servers")
            for server in configuration.servers {
                check((try? Server(parsing: server.description)) == server, "\(server) can't be said")
            }
        },
        FuzzTarget(name: "dump") { bytes in
            for line in bytes.split(separator: UInt8(ascii: "\n")) {
                guard let key = StoredKey(String(decoding: line, as: UTF8.self)) else { continue }
                check(key.expiration ?? 0 >= 0, "it expires before there was time")
            }
        },
        FuzzTarget(name: "statistics") { bytes in
            var values: [String: String] = [:]
            for line in bytes.split(separator: UInt8(ascii: "\n")) {
                if case .entry(let name, let value) = TextStatistic(Array(line)) { values[name] = value }
            }
            _ = ItemStatistics.bySlab(values)
            _ = SlabOverview(parsing: values).slabs.values.map { "\($0)" }
            _ = SizeStatistics(parsing: values)
            let general = ServerStatistics(values: values)
            _ = "\(general) \(ServerSettings(values: values))"
            check(0...1 ~= general.hitRatio ?? 0, "a share of more than the whole")
        },
        // Headers of binary replies, and their bodies.
        FuzzTarget(name: "binary") { bytes in
            guard let header = BinaryReply.Header(Array(bytes.prefix(BinaryReply.headerLength))) else { return }
            let body = Array(bytes.dropFirst(BinaryReply.headerLength))
            guard body.count == header.bodyLength else { return }
            let reply = BinaryReply(header, body: body)
            check(reply.key.count + reply.value.count + header.extrasLength == body.count, "bytes are lost")
        },
    ]
}
