import Foundation
import TestSupport
import Testing

/// Facts about the small helpers of the tests.
@Suite("Test helpers", .timeLimit(.minutes(1)))
struct TestHelperTests {
    @Test func uniqueKeysDifferAndAreReadable() {
        let keys = (0..<1000).map { _ in uniqueKey() }
        #expect(Set(keys).count == 1000)
        #expect(keys[0].hasPrefix("uniqueKeysDifferAndAreReadable-"))
        #expect(Set(uniqueKeys(50, "a b\r\n")).count == 50)
    }

    @Test(arguments: ["", "with blank\r\n", "ümläut", String(repeating: "x", count: 500)])
    func uniqueKeysSuitBothProtocols(hint: String) {
        let key = uniqueKey(hint)
        #expect(key.utf8.count <= 70)
        #expect(key.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7f })
    }

    @Test func eventuallyWaitsForTheCondition() async {
        var calls = 0
        let met = await eventually {
            calls += 1
            return calls == 5
        }
        #expect(met)
        #expect(calls == 5)
    }

    @Test func eventuallyGivesUp() async {
        let start = ContinuousClock.now
        #expect(await eventually(timeout: .milliseconds(30)) { false } == false)
        #expect(ContinuousClock.now - start >= .milliseconds(30))
    }

    @Test func eventuallyWorksWithoutAsync() throws {
        #expect(waitBlocking { true })
        #expect(!waitBlocking { false })
        #expect(throws: CancellationError.self) { try waitBlocking { throw CancellationError() } }
    }

    private func waitBlocking(_ condition: () throws -> Bool) rethrows -> Bool {
        try eventually(timeout: .milliseconds(10), condition)
    }

    @Test func aChildProcessIsCaptured() throws {
        let child = try ChildProcess.run(
            executable: "/bin/sh",
            arguments: ["-c", "cat; echo $NAME; echo oops >&2; exit 7"],
            environment: ["NAME": "value", "PATH": "/bin:/usr/bin"],
            input: "from input\n"
        )
        #expect(child.status == 7)
        #expect(child.signal == nil)
        #expect(child.standardOutput == "from input\nvalue\n")
        #expect(child.standardError == "oops\n")
    }

    @Test func theSignalThatEndsAChildIsReported() throws {
        let child = try ChildProcess.run(executable: "/bin/sh", arguments: ["-c", "kill -ABRT $$"])
        #expect(child.signal == SIGABRT)
        #expect(child.status == nil)
    }

    @Test func aChildThatHangsIsKilledWithWhatItStarted() async throws {
        let child = try ChildProcess.run(
            executable: "/bin/sh",
            arguments: ["-c", "sleep 100 & echo $!; wait"],
            timeout: .milliseconds(200)
        )
        #expect(child.ending == nil)
        let line = child.standardOutput.trimmingCharacters(in: .whitespacesAndNewlines)
        let grandchild = try #require(Int32(line))
        #expect(await eventually { processState(grandchild) == nil || processState(grandchild) == "Z" })
    }

    @Test func aProgramThatDoesNotExistIsNotFound() throws {
        // 127 is what shells say, too.
        #expect(try ChildProcess.run(executable: "/no/such/program").status == 127)
    }

    @Test func aScratchDirectoryIsPrivateAndGoesWithItsObject() throws {
        var scratch: ScratchDirectory? = try ScratchDirectory()
        let path = try #require(scratch?.path)
        let attributes = try FileManager.default.attributesOfItem(atPath: path)
        #expect(attributes[.posixPermissions] as? Int == 0o700)
        #expect(path.utf8.count < 100)
        scratch = nil
        #expect(!FileManager.default.fileExists(atPath: path))
    }

    @Test func theProcessIsMeasured() async throws {
        #expect(try residentMemory() > 1 << 20)
        #expect(processState(getpid()) != nil)
        // Other tests open and close at the same time, so only big differences say something.
        let before = try (descriptors: openDescriptorCount(), threads: threadCount())
        let servers = try (0..<100).map { _ in try FakeServer(.silent) }
        #expect(try openDescriptorCount() >= before.descriptors + 200)
        #expect(try threadCount() >= before.threads + 50)
        servers.forEach { $0.stop() }
    }
}
