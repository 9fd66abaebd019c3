import Foundation

/// Certificates that are made for a test, by `openssl`.
final class Certificates: Sendable {
    struct Failure: Error { let text: String }

    /// A certificate and its key, as files.
    struct Pair: Sendable {
        let certificate: String
        let key: String
    }

    private let folder: String
    /// Who signs the others.
    let authority: Pair

    /// Those that most tests use.
    static let shared: Result<Certificates, any Error> = Result {
        atexit { if case .success(let all) = shared { try? FileManager.default.removeItem(atPath: all.folder) } }
        return try Certificates()
    }

    init() throws {
        folder = NSTemporaryDirectory() + "swiftlibmc-tls-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        authority = Pair(certificate: "\(folder)/ca.pem", key: "\(folder)/ca.key")
        try Self.openssl(
            ["req", "-x509", "-days", "2", "-subj", "/CN=test authority"] + Self.newKey(authority.key)
                + ["-out", authority.certificate]
        )
    }

    deinit { try? FileManager.default.removeItem(atPath: folder) }

    /// A new certificate, valid for so many days; below zero it has expired.
    func issue(_ names: String = "DNS:localhost,IP:127.0.0.1", days: Int = 2) throws -> Pair {
        let name = UUID().uuidString
        let pair = Pair(certificate: "\(folder)/\(name).pem", key: "\(folder)/\(name).key")
        let (request, extensions) = ("\(folder)/\(name).csr", "\(folder)/\(name).ext")
        try "subjectAltName=\(names)\n".write(toFile: extensions, atomically: true, encoding: .utf8)
        try Self.openssl(["req", "-subj", "/CN=test"] + Self.newKey(pair.key) + ["-out", request])
        try Self.openssl([
            "x509", "-req", "-in", request, "-CA", authority.certificate, "-CAkey", authority.key, "-days", "\(days)",
            "-set_serial", "\(UInt32.random(in: 1...UInt32.max))", "-extfile", extensions, "-out", pair.certificate,
        ])
        return pair
    }

    private static func newKey(_ path: String) -> [String] {
        ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout", path]
    }

    private static func openssl(_ arguments: [String]) throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["openssl"] + arguments
        let output = Pipe()
        process.standardError = output
        process.standardOutput = FileHandle.nullDevice
        try process.run()
        let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        guard process.terminationStatus == 0 else { throw Failure(text: text) }
    }
}
