import TestSupport
import Testing

@testable import SwiftLibMC

@Suite("Server addresses")
struct ServerTests {
    // MARK: What is read

    /// The examples of pylibmc's `translate_server_spec`, and the forms that are ours.
    static let readable: [(text: String, server: Server)] = [
        ("127.0.0.1", Server(.tcp(host: "127.0.0.1", port: 11211))),
        ("localhost", Server(.tcp(host: "localhost", port: 11211))),
        ("127.0.0.1:22122", Server(.tcp(host: "127.0.0.1", port: 22122))),
        ("127.0.0.1:1234:2", Server(.tcp(host: "127.0.0.1", port: 1234), weight: 2)),
        ("h:1:1", Server(.tcp(host: "h", port: 1))),
        ("h:65535:65535", Server(.tcp(host: "h", port: 65535), weight: 65535)),
        ("h:011211", Server(.tcp(host: "h", port: 11211))),
        ("memcached:11211", Server(.tcp(host: "memcached", port: 11211))),
        ("[::1]", Server(.tcp(host: "::1", port: 11211))),
        ("[::1]:22122", Server(.tcp(host: "::1", port: 22122))),
        ("[::1]:22122:3", Server(.tcp(host: "::1", port: 22122), weight: 3)),
        ("[fe80::1%eth0]:1", Server(.tcp(host: "fe80::1%eth0", port: 1))),
        ("[localhost]:1", Server(.tcp(host: "localhost", port: 1))),
        ("udp:127.0.0.1", Server(.udp(host: "127.0.0.1", port: 11211))),
        ("udp:h:1:2", Server(.udp(host: "h", port: 1), weight: 2)),
        ("udp:[::1]:1:2", Server(.udp(host: "::1", port: 1), weight: 2)),
        ("[udp]:1", Server(.tcp(host: "udp", port: 1))),
        ("/var/run/memcached.sock", Server(.unix(path: "/var/run/memcached.sock"))),
        ("/run/m.sock:2", Server(.unix(path: "/run/m.sock"), weight: 2)),
        ("/run/m:n.sock", Server(.unix(path: "/run/m:n.sock"))),
        ("/run/m.sock:", Server(.unix(path: "/run/m.sock:"))),
        ("/run/m:2:1", Server(.unix(path: "/run/m:2"))),
        ("/run/a b@c", Server(.unix(path: "/run/a b@c"))),
        ("unix:/run/m.sock", Server(.unix(path: "/run/m.sock"))),
        ("unix:///run/m.sock", Server(.unix(path: "/run/m.sock"))),
        ("unix:/run/m.sock:7", Server(.unix(path: "/run/m.sock"), weight: 7)),
        ("unix:m.sock", Server(.unix(path: "m.sock"))),
        ("memcached://localhost/", Server(.tcp(host: "localhost", port: 11211))),
        ("memcached://localhost", Server(.tcp(host: "localhost", port: 11211))),
        ("memcached://h:1/", Server(.tcp(host: "h", port: 1))),
        ("memcached://h:1", Server(.tcp(host: "h", port: 1))),
        ("memcached://[::1]:1/", Server(.tcp(host: "::1", port: 1))),
        (" h:1\n", Server(.tcp(host: "h", port: 1))),
        ("h\r\n", Server(.tcp(host: "h", port: 11211))),
        ("\tmemcached://h:1/ ", Server(.tcp(host: "h", port: 1))),
        ("/run/m.sock\n", Server(.unix(path: "/run/m.sock"))),
        ("/run/m.sock :1", Server(.unix(path: "/run/m.sock "))),
        ("unix:/run/a;b,c", Server(.unix(path: "/run/a;b,c"))),
    ]

    @Test("Every documented form is read", arguments: readable)
    func readsEveryForm(text: String, server: Server) throws {
        #expect(try Server(parsing: text) == server)
    }

    @Test("A description is read back as the same server", arguments: readable.map(\.server))
    func descriptionIsReadBack(server: Server) throws {
        #expect(try Server(parsing: server.description) == server)
    }

    @Test("What has been read has a description that is read as the same, whatever the text")
    func anyReadableTextRoundTrips() throws {
        let pieces = [
            "udp:", "unix:", "memcached://", "/", "//", ":", "[", "]", "1", "65535", "65536", "0", "a", "@", "::1", " ",
            "\u{301}", "é",
        ]
        var generator = Xorshift(state: 88_172_645_463_325_252)
        var readCount = 0
        for _ in 0..<20_000 {
            let count = Int.random(in: 0...6, using: &generator)
            let text = (0..<count).map { _ in pieces.randomElement(using: &generator) ?? "" }.joined()
            guard let server = try? Server(parsing: text) else { continue }
            readCount += 1
            let again = try Server(parsing: server.description)
            #expect(again == server, "\(text.debugDescription), \(server.description.debugDescription)")
            #expect(server.problem == nil)
        }
        #expect(readCount > 1000)
    }

    // MARK: What is refused

    static let unreadable: [(text: String, reason: String)] = [
        ("", "host is empty"),
        (":11211", "host is empty"),
        ("::1", "IPv6 addresses stand in brackets"),
        ("fe80::1", "IPv6 addresses stand in brackets"),
        ("2001:db8::1", "IPv6 addresses stand in brackets"),
        ("[]:1", "host is empty"),
        ("[::1", "not closed"),
        ("[::1]1", "follow the bracket"),
        ("[::1]:", "port is not a number"),
        ("host:", "port is not a number"),
        ("host:port", "port is not a number"),
        ("host:-1", "port is not a number"),
        ("host:+1", "port is not a number"),
        ("host: 1", "port is not a number"),
        ("host:١", "port is not a number"),
        ("host:0", "port is not from 1 to 65535"),
        ("host:65536", "port is not from 1 to 65535"),
        ("host:99999999999999999999", "port is not from 1 to 65535"),
        ("host:1:", "a port and a weight"),
        ("host:1:w", "weight is not a number"),
        ("host:1:0", "weight is not from 1 to 65535"),
        ("host:1:65536", "weight is not from 1 to 65535"),
        ("host:1:2:3", "a port and a weight"),
        ("[::1]:1:2:3", "a port and a weight"),
        ("two hosts", "blank"),
        ("host\0:1", "control character"),
        ("ho\nst", "control character"),
        (" \n", "host is empty"),
        ("host/path", "slash"),
        ("ho[st", "bracket"),
        ("udp:", "host is empty"),
        ("udp:host:0", "port is not from 1 to 65535"),
        ("unix:", "path is empty"),
        ("unix::3", "path is empty"),
        ("/run/m.sock:0", "weight is not from 1 to 65535"),
        ("/run/m.sock:65536", "weight is not from 1 to 65535"),
        ("/run/\0", "NUL"),
        ("http://host", "begin with memcached://"),
        ("memcached://", "host is empty"),
        ("memcached:///", "host is empty"),
        ("memcached://host:1//", "port is not a number"),
        ("memcached://host/path", "slash"),
        ("memcacheds://host:1/", "SwiftLibMCTLS"),
        ("tcp://host:1", "begin with memcached://"), ("MEMCACHED://host", "begin with memcached://"),
        ("user@host", "username and password"),
        ("user:pw@host", "username and password"),
        ("user:pw@host:11211", "username and password"),
        ("user:1:2:3@host", "username and password"),
        ("udp:user:pw@host", "username and password"),
        ("memcached://user:pw@host", "username and password"),
        ("memcached://user:pw@host:11211/?protocol=ascii", "username and password"),
        ("a:1;b:2", "semicolon"),
        ("a;b", "semicolon"),
        ("a:1,b:2", "comma"),
        ("memcached://a:1;memcached://b:1", "semicolon"),
        ("memcached://host?", "protocol=ascii"),
        ("memcached://host/?protocol", "protocol=ascii"),
        ("memcached://host/?protocol=udp", "protocol=ascii"),
        ("memcached://host/?weight=2", "protocol=ascii"),
        ("memcached://host/?protocol=ascii&protocol=binary", "protocol=ascii"),
        ("host?protocol=ascii", "question mark"),
    ]

    @Test("What is not an address is refused with the reason and quoted", .hazard(73), arguments: unreadable)
    func refusesWhatIsNoAddress(text: String, reason: String) throws {
        let error = try #require(throws: MemcachedError.self) { try Server(parsing: text) }
        #expect(error.code == .invalidServer)
        #expect(error.operation == "Server(parsing:)")
        #expect(error.detail.contains(reason), "\(error.detail)")
        if !text.contains("@") { #expect(error.detail.contains(text.debugDescription), "\(error.detail)") }
    }

    @Test("A host may have 1024 bytes, a path 107", .hazard(73, 75))
    func lengthsAreLimited() throws {
        let host = String(repeating: "h", count: 1024)
        let path = "/" + String(repeating: "p", count: 106)
        #expect(try Server(parsing: host) == Server(.tcp(host: host, port: 11211)))
        #expect(try Server(parsing: path) == Server(.unix(path: path)))
        #expect(try Server(parsing: path + ":2") == Server(.unix(path: path), weight: 2))
        let wide = "/" + String(repeating: "é", count: 54)
        for (text, reason) in [(host + "h", "1024"), (path + "p", "107"), (wide, "107")] {
            let error = try #require(throws: MemcachedError.self) { try Server(parsing: text) }
            #expect(error.detail.contains("longer than \(reason) bytes"), "\(error.detail)")
            #expect(error.detail.count < 250)
        }
    }

    @Test("A password in an address is not repeated in the error")
    func passwordsAreNotRepeated() throws {
        let error = try #require(throws: MemcachedError.self) {
            try Server(parsing: "memcached://user:secret@host:1/")
        }
        #expect(!error.debugDescription.contains("secret"))
        #expect(error.debugDescription.contains("@host"))
    }

    // MARK: Protocols

    @Test(
        "A URI may ask for a protocol",
        arguments: [
            ("memcached://h/?protocol=ascii", Server.WireProtocol.ascii),
            ("memcached://h:1?protocol=text", .ascii),
            ("memcached://[::1]:1:2/?protocol=ASCII", .ascii),
            ("memcached://h:1/?protocol=binary", .binary),
            ("memcached://h:1/", nil),
        ]
    )
    func urisAskForAProtocol(text: String, wanted: Server.WireProtocol?) throws {
        let server = try Server(parsing: text)
        #expect(server.wireProtocol == wanted)
        #expect(try Server(parsing: server.description) == server)
    }

    @Test(
        "A client speaks the protocol that an address asks for, with all of its servers",
        arguments: [
            (["memcached://a/?protocol=ascii", "b"], true, false),
            (["a", "memcached://b?protocol=ascii"], false, false),
            (["memcached://a/?protocol=binary", "b"], true, true), (["a", "b"], false, false),
            (["a", "b"], true, true),
        ]
    )
    func clientsSpeakWhatAddressesAskFor(servers: [String], binary: Bool, isBinary: Bool) throws {
        let client = try Client(servers, binary: binary)
        #expect(client.isBinary == isBinary)
        #expect(client.servers.map(\.description) == ["a:11211", "b:11211"])
        #expect(try client.clone().isBinary == isBinary)
        #expect(try Client(servers: servers.map(Server.init(parsing:)), binary: binary).isBinary == isBinary)
    }

    @Test(
        "Contradictions about the protocol are refused",
        arguments: [
            (["memcached://a/?protocol=ascii", "memcached://b/?protocol=binary"], true),
            (["memcached://a/?protocol=ascii", "memcached://b/?protocol=binary"], false),
            (["memcached://a/?protocol=binary"], false),
        ]
    )
    func contradictionsAreRefused(servers: [String], binary: Bool) throws {
        let error = try #require(throws: MemcachedError.self) { try Client(servers, binary: binary) }
        #expect(error.code == .invalidArguments)
        #expect(error.detail.contains("the protocol is not clear"))
    }

    @Test("The servers of a live client can't change its protocol")
    func protocolStays() throws {
        let client = try Client(["a"])
        try client.setServers(["memcached://b/?protocol=binary"])
        for text in ["memcached://c/?protocol=ascii"] {
            let error = try #require(throws: MemcachedError.self) { try client.setServers([text]) }
            #expect(error.code == .invalidArguments && error.operation == "setServers")
            #expect(throws: MemcachedError.self) { try client.addServer(Server(parsing: text)) }
        }
        #expect(client.servers.map(\.description) == ["b:11211"])
        let ascii = try Client(["a"], binary: false)
        #expect(throws: MemcachedError.self) { try ascii.setServers(["memcached://b/?protocol=binary"]) }
        try ascii.setServers(["memcached://b/?protocol=text"])
        #expect(!ascii.isBinary)
    }

    @Test("Credentials need the binary protocol, whoever chose the other one")
    func credentialsNeedTheBinaryProtocol() throws {
        let error = try #require(throws: MemcachedError.self) {
            try Client(["memcached://a/?protocol=ascii"], username: "user", password: "secret")
        }
        #expect(error.code == .invalidArguments && error.detail.contains("binary"))
    }

    // MARK: Descriptions

    @Test(
        "Descriptions have the port, brackets around IPv6, and the weight where it counts",
        arguments: [
            (Server(.tcp(host: "h", port: 11211)), "h:11211"),
            (Server(.tcp(host: "h", port: 1), weight: 2), "h:1:2"),
            (Server(.tcp(host: "::1", port: 1)), "[::1]:1"),
            (Server(.tcp(host: "udp", port: 1)), "[udp]:1"),
            (Server(.udp(host: "::1", port: 1), weight: 3), "udp:[::1]:1:3"),
            (Server(.unix(path: "/s")), "/s"),
            (Server(.unix(path: "/s"), weight: 4), "/s:4"),
            (Server(.unix(path: "/s:4")), "/s:4:1"),
            (Server(.unix(path: "s")), "unix:s"),
            (Server(.unix(path: "/s ")), "/s :1"),
        ]
    )
    func describesItself(server: Server, text: String) {
        #expect(server.description == text)
    }

    // MARK: Validation

    @Test("Addresses made from valid parts are valid", arguments: readable.map(\.server))
    func validPartsAreAccepted(server: Server) throws {
        try server.validate()
    }

    @Test(
        "Addresses made from invalid parts are refused",
        arguments: [
            Server(.tcp(host: "", port: 1)), Server(.tcp(host: "h", port: 0)), Server(.tcp(host: "h", port: -1)),
            Server(.tcp(host: "h", port: 65536)), Server(.tcp(host: "h", port: 1), weight: 0),
            Server(.tcp(host: "h", port: 1), weight: 65536), Server(.tcp(host: "a\0b", port: 1)),
            Server(.tcp(host: "[::1]", port: 1)), Server(.udp(host: "", port: 1)), Server(.udp(host: "h", port: 0)),
            Server(.tcp(host: String(repeating: "h", count: 1025), port: 1)), Server(.unix(path: "")),
            Server(.unix(path: "/a\0b")), Server(.unix(path: String(repeating: "/", count: 108))),
            Server(.unix(path: "/s"), weight: -1),
        ]
    )
    func invalidPartsAreRefused(server: Server) throws {
        let error = try #require(throws: MemcachedError.self) { try server.validate(operation: "addServer") }
        #expect(error.code == .invalidServer)
        #expect(error.operation == "addServer")
    }
}

/// Random numbers that are the same in every run.
private struct Xorshift: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state ^= state << 13
        state ^= state >> 7
        state ^= state << 17
        return state
    }
}
