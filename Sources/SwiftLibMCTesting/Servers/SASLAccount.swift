import Foundation

/// A user name and a password that a server demands.
public struct SASLAccount: Hashable, Sendable {
    /// The ways to prove knowledge of the password, as Cyrus SASL spells them.
    public enum Mechanism: String, CaseIterable, Sendable {
        /// The password itself.
        case plain = "PLAIN"
        /// The password itself, in an older form.
        case login = "LOGIN"
        /// Challenge and response with MD5.
        case cramMD5 = "CRAM-MD5"
        /// Challenge and response with MD5, from HTTP.
        case digestMD5 = "DIGEST-MD5"
        /// Salted challenge and response with SHA-1.
        case scramSHA1 = "SCRAM-SHA-1"
        /// Salted challenge and response with SHA-256.
        case scramSHA256 = "SCRAM-SHA-256"
    }

    /// The user name.
    public var username: String
    /// The password.
    public var password: String
    /// The mechanisms that the server offers; a client picks the strongest it knows.
    public var mechanisms: [Mechanism]

    /// Makes an account.
    public init(username: String = "testuser", password: String = "testpass", mechanisms: [Mechanism] = [.plain]) {
        self.username = username
        self.password = password
        self.mechanisms = mechanisms
    }

    /// Writes the password database and `memcached.conf`, which memcached finds through `SASL_CONF_PATH`.
    func prepare(in directory: String) throws {
        let database = "\(directory)/sasldb2"
        let configuration = """
            mech_list: \(mechanisms.map(\.rawValue).joined(separator: " "))
            pwcheck_method: auxprop
            auxprop_plugin: sasldb
            sasldb_path: \(database)

            """
        try configuration.write(toFile: "\(directory)/memcached.conf", atomically: false, encoding: .utf8)
        // No new line after the password: it would become part of it.
        let tool = try ChildProcess.run(
            executable: Executable.path(of: "saslpasswd2"),
            arguments: ["-p", "-c", "-f", database, "-a", "memcached", username],
            input: password
        )
        guard tool.ending == .exited(0) else { throw SystemError("saslpasswd2: \(tool.standardError)") }
    }
}
