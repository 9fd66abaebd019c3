import Foundation
import TestSupport

/// A Python interpreter with other clients of memcached, which answers one request after the other.
///
/// There is one per environment and test process; it is started at first use.
final class Python: Sendable {
    /// What `Scripts/python-env` makes.
    enum Environment: String, CaseIterable, Sendable {
        /// pylibmc with the libmemcached that its wheel brings along, and clients written in Python.
        case wheel
        /// pylibmc built against the libmemcached of this system.
        case source

        fileprivate var interpreter: String { "\(Python.environments)/\(rawValue)/bin/python" }
    }

    /// Whether the environments are there and complete.
    static let isInstalled = FileManager.default.fileExists(atPath: "\(environments)/ingredients")

    /// Why tests are skipped without them.
    static let absence = "there are no Python environments in \(environments); run Scripts/python-env"

    private static let package = URL(filePath: #filePath)
        .deletingLastPathComponent()
        .appending(path: "../../..")
        .standardized
        .path
    static let environments =
        ProcessInfo.processInfo.environment["SWIFTLIBMC_PYTHON"] ?? "\(package)/.build/python"

    private static let started = Locked<[Environment: Python]>([:])

    /// The interpreter of an environment.
    static func shared(_ environment: Environment) throws -> Python {
        try started.withLock { started in
            if let python = started[environment] { return python }
            let python = try Python(environment)
            started[environment] = python
            return python
        }
    }

    private let scratch: ScratchDirectory
    private let process: BackgroundProcess
    // A request and its answer belong together.
    private let connection: Locked<RawConnection>

    private init(_ environment: Environment) throws {
        scratch = try ScratchDirectory()
        let socket = "\(scratch.path)/socket"
        let process = try BackgroundProcess(
            executable: environment.interpreter,
            arguments: ["\(Self.package)/Tests/Python/helper.py", socket]
        )
        var connection: RawConnection?
        _ = eventually(timeout: .seconds(30)) {
            connection = try? RawConnection(to: socket, timeout: .seconds(30))
            return connection != nil || !process.isRunning
        }
        guard let connection else { throw PythonError(description: "no Python: \(process.standardError)") }
        self.process = process
        self.connection = Locked(connection)
    }

    /// The value of an expression, with the variables in `values`, and `client` if one is given.
    func evaluate(
        _ code: String,
        _ values: [String: PythonValue] = [:],
        client: PythonClient? = nil
    ) throws -> PythonValue {
        let request = try JSONEncoder().encode(Request(code: code, values: values, client: client))
        let line = try connection.withLock { connection in
            try connection.send(Array(request) + [0x0a])
            return try connection.receive(through: "\n")
        }
        guard line.hasSuffix("\n") else { throw PythonError(description: "Python has gone: \(process.standardError)") }
        let answer = try JSONDecoder().decode(Answer.self, from: Data(line.utf8))
        guard let result = answer.result else { throw PythonError(description: answer.error ?? line) }
        return result
    }

    private struct Request: Encodable {
        let code: String
        let values: [String: PythonValue]
        let client: PythonClient?
    }

    private struct Answer: Decodable {
        let result: PythonValue?
        let error: String?
    }
}

/// An exception, as Python describes it: `TypeError: …`.
struct PythonError: Error, CustomStringConvertible {
    let description: String
}
