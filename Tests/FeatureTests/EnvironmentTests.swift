import Foundation
import TestSupport
import Testing

@testable import SwiftLibMC

@Suite("Clients by environment variables")
struct EnvironmentTests {
    private func servers(_ prefix: String?, _ variables: [String: String]) throws -> [String] {
        try Client(environment: prefix, variables: variables).servers.map(\.description)
    }

    @Test(arguments: [
        ("10.0.0.1:11212", ["10.0.0.1:11212"]),
        ("10.0.0.1:11211:64,10.0.0.2:11211:64", ["10.0.0.1:11211:64", "10.0.0.2:11211:64"]),
        (" a:1 , b:2\tc:3\nd ", ["a:1", "b:2", "c:3", "d:11211"]),
        ("/run/memcached.sock,unix:/run/other.sock:2", ["/run/memcached.sock", "/run/other.sock:2"]),
        ("[::1]:11211,memcached://host/", ["[::1]:11211", "host:11211"]),
    ])
    func serversHaveCommasOrBlanksBetweenThem(text: String, addresses: [String]) throws {
        #expect(try servers(nil, ["MEMCACHED_SERVERS": text]) == addresses)
    }

    @Test func prefixGoesFirstAndInCapitals() throws {
        let variables = ["MEMCACHED_SERVERS": "plain:1", "APP_MEMCACHED_SERVERS": "app:1"]
        #expect(try servers("app", variables) == ["app:1"])
        #expect(try servers("APP", variables) == ["app:1"])
        #expect(try servers("other", variables) == ["plain:1"])
        #expect(try servers(nil, variables) == ["plain:1"])
    }

    @Test(arguments: [[:], ["MEMCACHED_SERVERS": ""], ["MEMCACHED_SERVERS": "  "]])
    func defaultIsTheLocalServer(variables: [String: String]) throws {
        #expect(try servers(nil, variables) == ["127.0.0.1:11211"])
        #expect(try servers("app", variables) == ["127.0.0.1:11211"])
    }

    @Test func hostedServicesComeLast() throws {
        var variables = ["MEMCACHEDCLOUD_SERVERS": "cloud:1"]
        #expect(try servers(nil, variables) == ["cloud:1"])
        variables["MEMCACHIER_SERVERS"] = "memcachier:1"
        #expect(try servers("app", variables) == ["memcachier:1"])
        variables["MEMCACHED_SERVERS"] = "plain:1"
        #expect(try servers("app", variables) == ["plain:1"])
    }

    // MARK: Credentials

    private func credentials(_ prefix: String?, _ variables: [String: String]) throws -> String {
        let settings = try EnvironmentSettings(prefix: prefix, variables: variables)
        return "\(settings.username ?? "nobody")/\(settings.password ?? "nothing")"
    }

    @Test func credentialsComeFromThePrefixOrWithoutOne() throws {
        let plain = ["MEMCACHED_USERNAME": "user", "MEMCACHED_PASSWORD": "secret"]
        let own = ["APP_MEMCACHED_USERNAME": "app", "APP_MEMCACHED_PASSWORD": "own"]
        #expect(try credentials(nil, plain) == "user/secret")
        #expect(try credentials("app", plain) == "user/secret")
        #expect(try credentials("app", plain.merging(own) { $1 }) == "app/own")
        #expect(try credentials("app", [:]) == "nobody/nothing")
    }

    @Test func hostedServicesHaveTheirOwnCredentials() throws {
        var variables = [
            "MEMCACHIER_SERVERS": "mc1.example.com:11211", "MEMCACHIER_USERNAME": "mc", "MEMCACHIER_PASSWORD": "1",
            "MEMCACHED_USERNAME": "user", "MEMCACHED_PASSWORD": "2", "MEMCACHEDCLOUD_USERNAME": "cloud",
            "MEMCACHEDCLOUD_PASSWORD": "3",
        ]
        #expect(try credentials("app", variables) == "mc/1")
        variables["MEMCACHED_SERVERS"] = "plain:1"
        #expect(try credentials("app", variables) == "user/2")
        variables["MEMCACHED_SERVERS"] = nil
        variables["MEMCACHIER_SERVERS"] = nil
        variables["MEMCACHEDCLOUD_SERVERS"] = "cloud:1"
        #expect(try credentials(nil, variables) == "cloud/3")
    }

    @Test func halfOfAPairIsNamedWithoutThePassword() throws {
        let variables = [
            "APP_MEMCACHED_PASSWORD": "swordfish", "MEMCACHED_USERNAME": "user", "MEMCACHED_PASSWORD": "other",
        ]
        let error = try #require(throws: MemcachedError.self) { try Client(environment: "app", variables: variables) }
        #expect(error.code == .invalidArguments)
        #expect(error.description.contains("APP_MEMCACHED_USERNAME"))
        #expect(!error.debugDescription.contains("swordfish"))
    }

    @Test func credentialsAuthenticate() throws {
        let server = try MemcachedServer.shared(.sasl)
        let account = SASLAccount()
        let client = try Client(
            environment: nil,
            variables: [
                "MEMCACHED_SERVERS": server.address, "MEMCACHED_USERNAME": account.username,
                "MEMCACHED_PASSWORD": account.password,
                "MEMCACHED_BEHAVIORS": "connect_timeout=10000, _poll_timeout=10000",
            ]
        )
        let key = uniqueKey()
        #expect(try client.set(key, "value"))
        #expect(client.isAuthenticated && client.isBinary)
    }

    // MARK: Behaviors

    @Test(arguments: [
        "tcp_nodelay=0,hash=md5,connect_timeout=200", " tcp_nodelay: 0 ; hash = MD5 ;connect_timeout=200;",
    ])
    func behaviorsAreThoseOfPylibmc(text: String) throws {
        let client = try Client(environment: "app", variables: ["APP_MEMCACHED_BEHAVIORS": text])
        #expect(client.behaviors.hash == .md5)
        #expect(client.behaviors.tcpNodelay == false)
        #expect(client.behaviors.connectTimeout == .milliseconds(200))
        #expect(client.behaviors.tcpKeepalive == Behaviors.default.tcpKeepalive)
    }

    @Test func behaviorsMayHaveBlanksWithin() throws {
        let client = try Client(
            environment: nil,
            variables: ["MEMCACHED_SERVERS": "a,b", "MEMCACHED_BEHAVIORS": "distribution=consistent ketama"]
        )
        #expect(client.behaviors.distribution == .consistentKetama)
    }

    // MARK: The protocol

    @Test(arguments: [
        ([:], true), (["MEMCACHED_PROTOCOL": "ascii"], false), (["MEMCACHED_PROTOCOL": " Text\n"], false),
        (["MEMCACHED_PROTOCOL": "binary"], true), (["MEMCACHED_PROTOCOL": " "], true),
        (["APP_MEMCACHED_PROTOCOL": "ascii", "MEMCACHED_PROTOCOL": "binary"], false),
        (["MEMCACHED_SERVERS": "memcached://a/?protocol=ascii,b"], false),
        (["MEMCACHED_SERVERS": "memcached://a/?protocol=ascii", "MEMCACHED_PROTOCOL": "text"], false),
        (["MEMCACHIER_SERVERS": "a", "MEMCACHED_PROTOCOL": "ascii"], false),
    ])
    func protocolIsThatOfTheVariableOrTheAddress(variables: [String: String], isBinary: Bool) throws {
        #expect(try Client(environment: "app", variables: variables).isBinary == isBinary)
    }

    @Test func asciiClientsWorkWithServersThatKnowNoOther() throws {
        let server = try MemcachedServer.start("-B", "ascii")
        let client = try Client(
            environment: nil,
            variables: ["MEMCACHED_SERVERS": server.address, "MEMCACHED_PROTOCOL": "ascii"]
        )
        let key = uniqueKey()
        #expect(try client.set(key, 5))
        #expect(try client.get(key) == 5)
    }

    @Test(arguments: [
        (["MEMCACHED_PROTOCOL": "udp"], "MEMCACHED_PROTOCOL is \"udp\""),
        (["MEMCACHED_PROTOCOL": "binary", "MEMCACHED_SERVERS": "memcached://a/?protocol=ascii"], "MEMCACHED_PROTOCOL"),
        (["MEMCACHED_PROTOCOL": "ascii", "MEMCACHED_SERVERS": "memcached://a/?protocol=binary"], "MEMCACHED_PROTOCOL"),
        (["MEMCACHED_SERVERS": "memcached://a?protocol=text,memcached://b?protocol=binary"], "not clear"),
    ])
    func unclearProtocolsAreRefused(variables: [String: String], words: String) throws {
        let error = try #require(throws: MemcachedError.self) { try Client(environment: nil, variables: variables) }
        #expect(error.code == .invalidArguments)
        #expect(error.description.contains(words), "\(error)")
    }

    // MARK: Texts from files

    @Test func blanksAndLineEndsAroundValuesDoNotCount() throws {
        let variables = [
            "MEMCACHED_SERVERS": "a:1\n", "MEMCACHED_USERNAME": "user\n", "MEMCACHED_PASSWORD": " secret word\r\n",
        ]
        #expect(try servers(nil, variables) == ["a:1"])
        #expect(try credentials(nil, variables) == "user/secret word")
    }

    @Test(arguments: [
        ("secret", "secret"), ("secret\n", "secret"), ("\nsecret \r\n", "secret"), (" secret ", " secret "), (" ", " "),
    ])
    func lineEndsAroundSecretsDoNotCount(given: String, meant: String) throws {
        let (username, password): (String?, String?) = ("user\n", given)
        let credentials = try Credentials(username: username, password: password)
        #expect(credentials?.username == "user")
        #expect(credentials?.password == meant)
    }

    @Test(arguments: ["shop-eu", "shop.eu", "shop_eu", "SHOP/eu"])
    func prefixesBecomeNamesOfVariables(prefix: String) throws {
        #expect(try servers(prefix, ["SHOP_EU_MEMCACHED_SERVERS": "eu:1", "MEMCACHED_SERVERS": "plain:1"]) == ["eu:1"])
    }

    // MARK: Mistakes

    @Test(arguments: [
        ("MEMCACHED_SERVERS", "good:1,bad:port", "\"bad:port\"", MemcachedError.Code.invalidServer),
        ("MEMCACHED_SERVERS", "good:1,:11211", "\":11211\"", .invalidServer),
        ("MEMCACHED_SERVERS", "host:0", "\"host:0\"", .invalidServer),
        ("MEMCACHED_SERVERS", ",", "\",\"", .invalidServer),
        ("MEMCACHED_SERVERS", "a:1;b:2", "semicolon", .invalidServer),
        ("MEMCACHED_SERVERS", "user:word@host:1", "MEMCACHED_USERNAME", .invalidServer),
        ("MEMCACHED_BEHAVIORS", "hash=md5,fast", "\"fast\"", .invalidArguments),
        ("MEMCACHED_BEHAVIORS", "speed=1", "speed", .invalidArguments),
        ("MEMCACHED_BEHAVIORS", "hash=sha", "\"sha\"", .invalidArguments),
        ("MEMCACHED_BEHAVIORS", "hash=md5,hash=crc", "hash", .invalidArguments),
    ])
    func wrongEntriesAreQuotedWithTheirVariable(
        variable: String,
        text: String,
        quotation: String,
        code: MemcachedError.Code
    ) throws {
        let error = try #require(throws: MemcachedError.self) {
            try Client(environment: nil, variables: [variable: text])
        }
        #expect(error.code == code)
        #expect(error.description.contains(quotation))
        #expect(error.description.contains(variable))
    }

    @Test func passwordsInAddressesAreNotQuoted() throws {
        let error = try #require(throws: MemcachedError.self) {
            try Client(environment: nil, variables: ["MEMCACHED_SERVERS": "memcached://user:sword,fish@host:1"])
        }
        #expect(!error.debugDescription.contains("sword"))
        #expect(!error.debugDescription.contains("fish"))
    }

    @Test(arguments: ["", "a b", "a=b"])
    func prefixHasToBeAName(prefix: String) throws {
        let error = try #require(throws: MemcachedError.self) { try Client(environment: prefix, variables: [:]) }
        #expect(error.code == .invalidArguments)
    }

    @Test func processEnvironmentIsRead() throws {
        let prefix = "T\(UInt32.random(in: 0 ... .max))"
        unsafe setenv("\(prefix)_MEMCACHED_SERVERS", "from.the.process:1", 1)
        defer { unsafe unsetenv("\(prefix)_MEMCACHED_SERVERS") }
        #expect(try Client(environment: prefix).servers.map(\.description) == ["from.the.process:1"])
    }
}
