import Foundation

/// A real twemproxy (`nutcracker`) before some addresses, which dies with this object and with the test process.
public final class Twemproxy: Sendable {
    /// Where clients find it.
    public let address: String

    private let process: BackgroundProcess
    private let scratch: ScratchDirectory

    /// Whether there is one to start.
    public static let isInstalled = Executable.find("nutcracker") != nil
    /// What to say where there is none.
    public static let hint = "nutcracker is not installed; on Debian, Scripts/install does it"

    /// Starts a proxy that gives each key to one of the servers, and never leaves out one that fails; it listens when
    /// this returns.
    public init(before servers: [String]) throws {
        let scratch = try ScratchDirectory()
        let executable = try Executable.path(of: "nutcracker")
        var started: (address: String, process: BackgroundProcess)?
        // Each time with other ports, in case somebody sits on the first.
        for _ in 0..<20 where started == nil {
            let address = "127.0.0.1:\(TestPort.next())"
            let list = servers.map { "\n   - \($0):1" }.joined()
            let configuration = """
                test:
                  listen: \(address)
                  hash: fnv1a_64
                  distribution: ketama
                  timeout: 400
                  auto_eject_hosts: false
                  servers:\(list)

                """
            try configuration.write(toFile: "\(scratch.path)/nutcracker.yml", atomically: false, encoding: .utf8)
            let process = try BackgroundProcess(
                executable: executable,
                arguments: ["-c", "\(scratch.path)/nutcracker.yml", "-a", "127.0.0.1", "-s", "\(TestPort.next())"]
            )
            let isUp = Deadline(in: .seconds(30)).poll { () -> Bool? in
                guard process.isRunning else { return false }
                return (try? RawConnection(to: address)) == nil ? nil : true
            }
            if isUp == true { started = (address, process) }
        }
        guard let started else { throw SystemError("nutcracker found no free ports") }
        self.scratch = scratch
        (self.address, self.process) = started
    }
}
