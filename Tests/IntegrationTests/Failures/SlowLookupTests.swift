import Foundation
import TestSupport
import Testing

/// Names of servers that take long to look up, because no name server answers: in a program of its own, with a network and
/// a resolv.conf of its own, which takes a superuser.
@Suite("Slow name look-ups", .timeLimit(.minutes(2)))
struct SlowLookupTests {
    private struct Call: CustomStringConvertible {
        let time: Duration
        let failure: String

        var description: String { "\(time), \(failure)" }
    }

    /// How long the system looks for a name, by its settings.
    private static let lookup = Duration.seconds(3)
    /// What a busy machine may add to the 300 ms that calls have.
    private static let margin = Duration.seconds(1)

    /// The name server is behind a network interface at whose other end there is nobody.
    private static let network = """
        ip link set lo up || exit 99
        ip tuntap add dev silent mode tun && ip address add 192.0.2.1/24 dev silent && ip link set silent up || exit 99
        mount --bind "$1" /etc/resolv.conf || exit 99
        shift
        exec "$@"
        """

    /// A name server that takes 600 ms to say that every name is this machine's.
    private static let slowAnswers = """
        import socket, time
        server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        server.bind(("127.0.0.1", 53))
        while True:
            question, sender = server.recvfrom(512)
            time.sleep(0.6)
            end = question.index(0, 12) + 5
            isIPv4 = question[end - 4:end - 2] == b"\\0\\1"
            counts = b"\\0\\1\\0" + bytes([isIPv4]) + b"\\0\\0\\0\\0"
            answer = b"\\xc0\\x0c\\0\\1\\0\\1\\0\\0\\0\\0\\0\\4\\x7f\\0\\0\\1" if isIPv4 else b""
            server.sendto(question[:2] + b"\\x81\\x80" + counts + question[12:end] + answer, sender)
        """
    /// Runs a program beside that name server and a memcached that speaks text only, once both listen.
    private static let servers = """
        python3 -c "$1" & names=$!
        memcached -u root -l 127.0.0.1 -p 11311 -B ascii & cache=$!
        trap 'kill $names $cache' EXIT
        until grep -q " 0100007F:$(printf %04X 53) " /proc/net/udp; do sleep 0.1; done
        until grep -q " 0100007F:$(printf %04X 11311) " /proc/net/tcp; do sleep 0.1; done
        shift
        "$@"
        """

    private static let isPossible = Executable.find("ip") != nil && (try? inNetwork("true"))?.ending == .exited(0)

    private static func inNetwork(nameServer: String = "192.0.2.53", _ command: String...) throws -> ChildProcess {
        let settings = FileManager.default.temporaryDirectory.appending(path: "resolv-\(UUID().uuidString)").path
        let text = "nameserver \(nameServer)\noptions timeout:\(lookup.components.seconds) attempts:1\n"
        try text.write(toFile: settings, atomically: true, encoding: .utf8)
        defer { try? FileManager.default.removeItem(atPath: settings) }
        return try ChildProcess.run(
            executable: Executable.path(of: "unshare"),
            arguments: ["--mount", "--net", "sh", "-c", network, "sh", settings] + command,
            timeout: .seconds(60)
        )
    }

    /// Our own look-ups are given up at the call's end, and so are the calls of an asynchronous client.
    ///
    /// libmemcached's take as long as the system says, as the page "Guarantees" tells.
    @Test(.enabled(if: isPossible, "takes a superuser, and a system with network namespaces"), .blocking)
    func callsThatDoNotWaitForTheSystem() throws {
        let child = try Self.inNetwork(Executable.built("HazardProbe"), "lookup", "cache.example:11211")
        var calls: [String: Call] = [:]
        for line in child.standardOutput.split(separator: "\n") where line.hasPrefix("took ") {
            let words = line.split(separator: " ").map(String.init)
            calls[words[1]] = Call(time: .milliseconds(try #require(Int(words[2]))), failure: words[3])
        }
        #expect(child.ending == .exited(0), "\(child.standardError)")
        let bounded = [
            "version", "getStats", "flushAll", "forEachStoredKey", "watch", "discover", "asyncGet", "asyncGetMulti",
        ]
        for name in bounded {
            let call = try #require(calls[name], "\(name)")
            #expect(call.time < .milliseconds(300) + Self.margin, "\(name) took \(call.time)")
        }
        let get = try #require(calls["get"])
        #expect(get.time > Self.lookup - .milliseconds(100) && get.time < Self.lookup + Self.margin, "\(get)")
        let shutdown = try #require(calls["shutdown"])
        #expect(shutdown.time < Self.lookup * 2 + Self.margin, "\(shutdown)")
        print("name look-ups of \(Self.lookup): \(calls)")
    }

    @Test(.enabled(if: isPossible, "takes a superuser, and a system with network namespaces"), .blocking)
    func aServerOfTextOnlyIsFoundOutHoweverLongItsNameTakes() throws {
        var child: ChildProcess?
        // The server is asked for a quarter of a second, which may be over on a busy machine.
        for _ in 0..<3 where child?.ending != .exited(0) {
            child = try Self.inNetwork(
                nameServer: "127.0.0.1",
                "sh",
                "-c",
                Self.servers,
                "sh",
                Self.slowAnswers,
                Executable.built("HazardProbe"),
                "detect",
                "cache.example:11311"
            )
        }
        let output = try #require(child?.standardOutput)
        #expect(output.contains(#"text true ["key": "1"]"#), "\(child?.standardError ?? "")")
    }
}
