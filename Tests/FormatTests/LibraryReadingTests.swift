import Foundation
import TestSupport
import Testing

@testable import SwiftLibMC

/// The real libraries read what we store, where they are installed; Scripts/record-formats says what that takes.
@Suite("Formats read by the real libraries", .timeLimit(.minutes(5)))
struct LibraryReadingTests {
    private static let long = String(repeating: "a longer text, ", count: 2000)
    private static let longRead = "length=30000,crc=3542910772"

    @Test(.enabled(if: Library.php.isThere, "php-cli and php-memcached are not installed"))
    func php() throws {
        try expect(
            .php,
            in: .php,
            [
                "text": "string 4772c3bcc39f6520f09f909f", "bytes": "string 00ff0d0a", "int": "integer 42",
                "negative": "integer -5", "true": "boolean true", "false": "boolean false", "float": "double 1.5",
                "large": "double 1.0E+300", "json": "object (object)array('name'=>'ü',)", "nil": "NULL NULL",
                "long": "string \(Self.longRead)",
            ]
        )
    }

    @Test(
        .enabled(if: Library.ruby.isThere, "ruby-dalli is not installed"),
        arguments: [ValueFormat.dalli, .dalli(.fastPath)]
    )
    func dalli(format: ValueFormat) throws {
        try expect(
            format,
            in: .ruby,
            [
                "text": "String 4772c3bcc39f6520f09f909f", "bytes": "String 00ff0d0a", "int": "String 3432",
                "negative": "String 2d35", "true": "String 31", "float": "String 312e35",
                "large": "String 31652b333030",
                "json": "String 7b226e616d65223a22c3bc227d", "long": "String \(Self.longRead)",
            ]
        )
    }

    @Test(.enabled(if: Library.java.isThere, "libspymemcached-java and a JDK are not installed"))
    func spymemcached() throws {
        try expect(
            .spymemcached,
            in: .java,
            [
                "text": "String 4772c3bcc39f6520f09f909f", "bytes": "byte[] 00ff0d0a", "int": "Long 42",
                "negative": "Long -5", "short": "Integer -7", "byte": "Byte -7", "true": "Boolean true",
                "false": "Boolean false", "float": "Double 1.5", "single": "Float 0.1", "large": "Double 1.0E300",
                "date": "Date 1700000000123", "json": "String 7b226e616d65223a22c3bc227d",
                "long": "String \(Self.longRead)",
            ]
        )
    }

    @Test(
        .enabled(if: Library.python.isThere, "there are no Python environments; run Scripts/python-env"),
        arguments: [ValueFormat.pylibmc, .pythonMemcached, .pymemcache, .bmemcached, .raw]
    )
    func python(format: ValueFormat) throws {
        let json = "7b226e616d65223a22c3bc227d"
        var expected = [
            "text": "str 4772c3bcc39f6520f09f909f", "bytes": "bytes 00ff0d0a", "int": "int 42", "negative": "int -5",
            "true": "int 1", "long": "str \(Self.longRead)",
        ]
        switch format {
        case .pythonMemcached, .bmemcached: expected["json"] = "str \(json)"
        case .raw:
            for (name, text) in expected { expected[name] = text.replacing("str ", with: "bytes ") }
            expected["int"] = "bytes 3432"
            expected["negative"] = "bytes 2d35"
            expected["true"] = "bytes 31"
            expected["json"] = "bytes \(json)"
        default: expected["json"] = "bytes \(json)"
        }
        try expect(format, in: .python, expected)
    }

    // MARK: -

    private static let values: [String: any Encodable & Sendable] = [
        "text": "Grüße 🐟", "bytes": Data([0, 255, 13, 10]), "int": 42, "negative": -5, "short": Int16(-7),
        "byte": Int8(-7), "true": true, "false": false, "float": 1.5, "single": Float(0.1), "large": 1e300,
        "date": Date(timeIntervalSince1970: 1_700_000_000.123), "json": Sample(), "nil": Int?.none, "long": long,
    ]

    private struct Sample: Encodable {
        let name = "ü"
    }

    /// Stores values, lets the library read them, and compares what it says of them: type and text.
    private func expect(
        _ format: ValueFormat,
        in library: Library,
        _ expected: [String: String],
        sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        let server = try MemcachedServer.shared(.tcp)
        var behaviors = Behaviors.default
        behaviors.pollTimeout = .seconds(10)
        let client = try Client([server.address], behaviors: behaviors)
        client.format = format
        client.compression = Compression(minLength: 1000)
        let prefix = uniqueKey()
        for (name, value) in Self.values where expected[name] != nil { try client.set("\(prefix)-\(name)", value) }
        let names = expected.keys.map { "\(prefix)-\($0)" }
        let output = try library.read(format, names, port: try #require(server.port))
        var read: [String: String] = [:]
        for line in output.split(separator: "\n") {
            let parts = line.split(separator: "\t")
            read[String(parts[0].dropFirst(prefix.count + 1))] = parts.dropFirst().joined(separator: " ")
        }
        #expect(read == expected, sourceLocation: sourceLocation)
    }
}

/// Another language's interpreter with its memcached client.
struct Library: Sendable {
    let executable: String?
    let arguments: [String]
    let isThere: Bool

    private static let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Libraries").path

    static let php = Library("php", ["\(folder)/php.php"], check: ["-r", "exit(class_exists('Memcached') ? 0 : 1);"])
    static let ruby = Library("ruby", ["\(folder)/dalli.rb"], check: ["-e", "require 'dalli'"])
    static let java = Library(
        "java",
        ["-cp", jar, "\(folder)/Spymemcached.java"],
        check: ["--list-modules"],
        needs: jar
    )
    static let python = Library(
        python3,
        ["\(folder)/python.py"],
        check: ["-c", "import pylibmc, memcache, pymemcache, bmemcached"]
    )

    private static let jar = "/usr/share/java/spymemcached.jar"
    private static let python3 =
        (ProcessInfo.processInfo.environment["SWIFTLIBMC_PYTHON"]
            ?? URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../.build/python").standardized
            .path)
        + "/wheel/bin/python"

    private init(_ name: String, _ arguments: [String], check: [String], needs file: String? = nil) {
        let found = name.hasPrefix("/") ? name : Executable.find(name)
        executable = found
        self.arguments = arguments
        let hasFile = file.map(FileManager.default.fileExists(atPath:)) ?? true
        guard let found, hasFile, FileManager.default.isExecutableFile(atPath: found) else {
            isThere = false
            return
        }
        isThere = (try? ChildProcess.run(executable: found, arguments: check))?.status == 0
    }

    /// What the library says of the values under these keys.
    func read(_ format: ValueFormat, _ names: [String], port: Int) throws -> String {
        let executable = try #require(executable)
        var arguments = arguments
        // One recorder is for several libraries.
        if arguments[0].hasSuffix(".py") { arguments.append(format.name) }
        arguments += ["read", "127.0.0.1", "\(port)"] + names
        let run = try ChildProcess.run(executable: executable, arguments: arguments, timeout: .seconds(120))
        #expect(run.status == 0, "\(run.standardError)")
        return run.standardOutput
    }
}
