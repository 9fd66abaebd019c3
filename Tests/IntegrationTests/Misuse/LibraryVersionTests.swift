import Foundation
import TestSupport
import Testing

@testable import SwiftLibMC

@Suite("libmemcached's version", .timeLimit(.minutes(2)))
struct LibraryVersionTests {
    @Test(arguments: ["1.0.16", "1.0.18", "1.0", "0.44", "", "unknown"])
    func olderThan11IsRefused(_ version: String) {
        #expect(!LibraryVersion(version).isUsable)
        #expect(LibraryVersion(version).note?.contains("wrong values") == true)
    }

    @Test(arguments: [
        ("1.1.0", 4), ("1.1", 4), ("1.1.1", 3), ("1.1.2", 2), ("1.1.3", 1), ("1.1.4", 0), ("1.1.10", 0),
        ("1.2.0-beta1", 0),
        ("2.0", 0), ("1.10.0", 0),
    ])
    func from11OnItIsTakenAndItsFaultsAreTold(_ version: String, _ faults: Int) {
        #expect(LibraryVersion(version).isUsable)
        let note = LibraryVersion(version).note
        #expect((note?.split(separator: ";").count ?? 1) - 1 == faults, "\(note ?? "none")")
    }

    @Test func theOneOfTheTestsIsGood() {
        #expect(buildInfo.libmemcachedNote == nil)
    }

    /// A library of the same name that says it is another version; all else is the real one.
    @Test(
        .enabled(if: compiler != nil, "there is no C compiler"),
        arguments: [("1.0.16", "refused"), ("1.0.18", "refused"), ("1.1.0", "taken"), ("1.1.4", "taken")]
    )
    func aFinishedProgramLooksAtWhatIsLoaded(_ version: String, _ expected: String) throws {
        let folder = try ScratchDirectory()
        let (source, library) = ("\(folder.path)/version.c", "\(folder.path)/version.so")
        try "const char *memcached_lib_version(void) { return \"\(version)\"; }\n"
            .write(toFile: source, atomically: true, encoding: .utf8)
        let compiling = try ChildProcess.run(
            executable: #require(Self.compiler),
            arguments: ["-shared", "-fPIC", "-o", library, source]
        )
        try #require(compiling.status == 0, "\(compiling.standardError)")
        try Self.probe(version, expected, ["LD_PRELOAD": library])
    }

    /// The wheel of pylibmc on PyPI brings its own libmemcached along.
    @Test(.enabled(if: Self.bundled != nil, "pylibmc's wheel is not installed; run Scripts/python-env"))
    func theOneInTheWheelOfPylibmcIsRefused() throws {
        let bundled = try #require(Self.bundled)
        let folder = try ScratchDirectory()
        try FileManager.default.createSymbolicLink(
            at: URL(filePath: "\(folder.path)/libmemcached.so.11"),
            withDestinationURL: bundled
        )
        let folders = "\(folder.path):\(bundled.deletingLastPathComponent().path)"
        try Self.probe("1.0.16", "refused", ["LD_LIBRARY_PATH": folders])
    }

    private static let bundled: URL? = {
        let environment = FileManager.default.enumerator(atPath: "\(Python.environments)/wheel/lib")
        let file = environment?.lazy.compactMap { $0 as? String }.first { $0.contains("/pylibmc.libs/libmemcached-") }
        return file.map { URL(filePath: "\(Python.environments)/wheel/lib/\($0)") }
    }()

    private static let compiler = Executable.find("clang") ?? Executable.find("cc")

    private static func probe(_ version: String, _ expected: String, _ additions: [String: String]) throws {
        let environment = ProcessInfo.processInfo.environment.merging(additions) { $1 }
        try Probe.run("library", version, expected, environment: environment)
    }
}
