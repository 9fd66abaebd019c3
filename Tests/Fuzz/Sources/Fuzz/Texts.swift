@testable import SwiftLibMC

// What people write: addresses, settings, variables.

extension FuzzTarget {
    static let texts: [FuzzTarget] = [
        FuzzTarget(name: "servers") { bytes in
            let text = String(decoding: bytes, as: UTF8.self)
            guard let server = try? Server(parsing: text) else { return }
            // What was understood can be said, and is then the same.
            if let again = try? Server(parsing: server.description) {
                check(again == server, "\(text) is \(server), and that is \(again)")
            }
            _ = try? Client(environment: nil, variables: ["MEMCACHED_SERVERS": text])
        },
        FuzzTarget(name: "behaviors") { bytes in
            var settings: [String: String] = [:]
            for line in bytes.split(separator: UInt8(ascii: "\n")) {
                let parts = line.split(separator: UInt8(ascii: "="), maxSplits: 1).map {
                    String(decoding: $0, as: UTF8.self)
                }
                if parts.count == 2 { settings[parts[0]] = parts[1] }
            }
            guard let behaviors = try? Behaviors(settings) else { return }
            let dictionary = behaviors.pylibmcDictionary
            check((try? Behaviors(dictionary))?.pylibmcDictionary == dictionary, "\(dictionary) is not read as it is")
            _ = try? Client(["127.0.0.1:1"], behaviors: behaviors)
        },
        FuzzTarget(name: "environment") { bytes in
            var variables: [String: String] = [:]
            var prefix: String?
            for line in bytes.split(separator: 0) {
                let parts = line.split(separator: UInt8(ascii: "="), maxSplits: 1).map {
                    String(decoding: $0, as: UTF8.self)
                }
                if parts.count == 2 { variables[parts[0]] = parts[1] } else { prefix = parts.first }
            }
            _ = try? Client(environment: prefix, variables: variables)
        },
    ]
}
