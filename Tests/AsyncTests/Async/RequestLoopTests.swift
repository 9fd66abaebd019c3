import TestSupport
import Testing

@Suite("The example of a server", .enabled(if: MemcachedServer.isInstalled), .timeLimit(.minutes(6)))
struct RequestLoopTests {
    @Test func answersEveryRequest() throws {
        let servers = try MemcachedCluster(count: 2)
        let program = try ChildProcess.run(
            executable: Executable.built("RequestLoop"),
            arguments: servers.addresses,
            timeout: .seconds(170)
        )
        #expect(program.status == 0, "\(program.standardOutput)\(program.standardError)")
        #expect(
            program.standardOutput.contains("20 pages rendered, 5000 visits counted, 218 things bought, 0 failures")
        )
    }

    @Test func answersWithoutACacheToo() throws {
        let nobody = try RefusingAddress()
        let program = try ChildProcess.run(
            executable: Executable.built("RequestLoop"),
            arguments: [nobody.address],
            timeout: .seconds(170)
        )
        #expect(program.standardOutput.contains("5000 requests answered"))
        #expect(program.status == 1)
    }
}
