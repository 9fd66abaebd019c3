import Foundation
import SwiftLibMC

/// What the driver asks this program to do, given as name=value.
struct Settings {
    var servers: [String] = []
    var op = "get"
    /// For the operations on one; everybody has their own, because they mark their values differently.
    var key = "bench:key:1"
    /// What kind of value or result is used, such as `bytes` or `string`.
    var style = "bytes"
    var value: [UInt8] = []
    var keys = 100
    /// Of compression; 0 is none.
    var level = 0
    var wireProtocol = MemcachedProtocol.binary
    /// How long a call may take, if that is set: then a second thread watches calls.
    var commandTimeout: Duration?
    /// Threads or tasks.
    var parallel = 1

    init(_ arguments: some Sequence<String>) throws {
        for argument in arguments {
            let parts = argument.split(separator: "=", maxSplits: 1).map(String.init)
            guard parts.count == 2 else { throw Failure("arguments are name=value, unlike \(argument)") }
            switch parts[0] {
            case "servers": servers = parts[1].split(separator: ",").map(String.init)
            case "op": op = parts[1]
            case "key": key = parts[1]
            case "style": style = parts[1]
            case "value": value = [UInt8](try Data(contentsOf: URL(fileURLWithPath: parts[1])))
            case "keys": keys = try number(parts[1])
            case "level": level = try number(parts[1])
            case "protocol":
                guard let choice = MemcachedProtocol(rawValue: parts[1]) else {
                    throw Failure("no protocol: \(parts[1])")
                }
                wireProtocol = choice
            case "timeout": commandTimeout = .milliseconds(try number(parts[1]))
            case "parallel": parallel = try number(parts[1])
            default: throw Failure("unknown argument: \(argument)")
            }
        }
    }
}

private func number(_ text: String) throws -> Int {
    guard let number = Int(text) else { throw Failure("not a number: \(text)") }
    return number
}

/// Why nothing can be measured.
struct Failure: Error, CustomStringConvertible {
    var description: String

    init(_ description: String) { self.description = description }
}
