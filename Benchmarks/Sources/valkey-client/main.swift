import Dispatch
import Harness
import Logging
import Valkey

// The work of many tasks by valkey-swift, on a server of Valkey or Redis; see Package.swift for how it takes part.

let settings = read_settings(CommandLine.argc, CommandLine.unsafeArgv)
let address = String(cString: settings.servers.0!).split(separator: ":")
guard address.count == 2, let port = Int(address[1]) else { fatalError("no host:port") }
let key = ValkeyKey(String(cString: settings.key!))
let value = String(cString: settings.value)
let tasks = Int(settings.parallel)
let isSet = String(cString: settings.op) == "asyncSet"

let client = ValkeyClient(.hostname(String(address[0]), port: port), logger: Logger(label: "bench"))
let running = Task { await client.run() }
try await client.set(key, value: value)

@Sendable func work(_ count: Int) async throws {
    for _ in 0..<count {
        if isSet {
            _ = try await client.set(key, value: value)
        } else if try await client.get(key) == nil {
            fatalError("not found")
        }
    }
}

print("ready")
flush_output()
while let line = readLine() {
    guard let total = Int(line) else { fatalError("not a number: \(line)") }
    forget_pauses()
    let start = now()
    try await withThrowingTaskGroup(of: Void.self) { group in
        for task in 0..<tasks { group.addTask { try await work((total + task) / tasks) } }
        try await group.waitForAll()
    }
    print(now() - start)
    flush_output()
}
running.cancel()
