import Testing

@testable import SwiftLibMC

@Suite("Validation of behaviors")
struct BehaviorsValidationTests {
    private static let tcp = Server(.tcp(host: "h", port: 1))
    private static let udp = Server(.udp(host: "h", port: 1))
    private static let socket = Server(.unix(path: "/s"))

    private static func problem(
        _ behaviors: Behaviors,
        servers: [Server] = [tcp],
        isBinary: Bool = true,
        hasCredentials: Bool = false
    ) -> MemcachedError? {
        do throws(MemcachedError) {
            try behaviors.validate(
                servers: servers,
                isBinary: isBinary,
                hasCredentials: hasCredentials,
                operation: "setBehaviors"
            )
            return nil
        } catch {
            return error
        }
    }

    // MARK: Settings alone

    static let allowed: [Behaviors] = [
        Behaviors(), .default, .failover,
        Behaviors(noBlock: false, bufferRequests: false, numReplicas: 0, randomizeReplicaRead: false, ioKeyPrefetch: 0),
        Behaviors(verifyKeys: true), Behaviors(verifyKeys: false), Behaviors(noreply: true),
        Behaviors(connectTimeout: .milliseconds(1), sendTimeout: .microseconds(1), receiveTimeout: .microseconds(1)),
        Behaviors(connectTimeout: .milliseconds(Int32.max), pollTimeout: .milliseconds(Int32.max)),
        Behaviors(retryTimeout: .zero, deadTimeout: .zero),
        Behaviors(retryTimeout: .seconds(Int32.max), deadTimeout: .seconds(Int32.max)),
        Behaviors(autoEject: true), Behaviors(removeFailed: 1), Behaviors(removeFailed: 0, deadTimeout: .zero),
        Behaviors(autoEject: false, deadTimeout: .zero), Behaviors(removeFailed: 3, deadTimeout: .milliseconds(1)),
        Behaviors(failureLimit: 1), Behaviors(socketSendSize: 0, socketRecvSize: 0),
        Behaviors(tcpKeepidle: .seconds(1)), Behaviors(tcpKeepidle: .seconds(32767)),
        Behaviors(tcpKeepidle: .milliseconds(1)),
        Behaviors(namespace: ""), Behaviors(namespace: "n"), Behaviors(namespace: String(repeating: "n", count: 127)),
        Behaviors(namespace: "a b\n\u{7F}é"),
        Behaviors(hash: .hsieh), Behaviors(distribution: .random), Behaviors(distribution: .virtualBucket),
    ]

    @Test("What libmemcached does without harm is allowed", arguments: allowed)
    func harmlessSettingsAreAllowed(behaviors: Behaviors) {
        #expect(Self.problem(behaviors) == nil)
    }

    static let refused: [(behaviors: Behaviors, parts: [String])] = [
        (Behaviors(noBlock: true), ["noBlock", "unsent"]),
        (Behaviors(bufferRequests: true), ["bufferRequests", "failures", "setMulti"]),
        (Behaviors(numReplicas: 1), ["numReplicas", "1", "wrong replies"]),
        (Behaviors(numReplicas: -1), ["numReplicas", "-1"]),
        (Behaviors(randomizeReplicaRead: true), ["randomizeReplicaRead", "miss"]),
        (Behaviors(ioKeyPrefetch: 1), ["ioKeyPrefetch", "twice"]),
        (Behaviors(ioKeyPrefetch: -1), ["ioKeyPrefetch", "-1"]),
        (Behaviors(ioMsgWatermark: 500), ["ioMsgWatermark", "500", "4294967295", "results of writes"]),
        (Behaviors(ioMsgWatermark: 0), ["ioMsgWatermark"]),
        (Behaviors(ioMsgWatermark: 4_294_967_296), ["ioMsgWatermark", "4294967296"]),
        (Behaviors(ioBytesWatermark: 66560), ["ioBytesWatermark", "66560", "4294967295"]),
        (Behaviors(connectTimeout: .zero), ["connectTimeout", "above zero"]),
        (Behaviors(connectTimeout: .milliseconds(-1)), ["connectTimeout"]),
        (Behaviors(connectTimeout: .milliseconds(Int64(Int32.max) + 1)), ["connectTimeout", "2147483647"]),
        (Behaviors(pollTimeout: .zero), ["pollTimeout"]),
        (Behaviors(pollTimeout: .milliseconds(-1)), ["pollTimeout"]),
        (Behaviors(pollTimeout: .seconds(Int64.max)), ["pollTimeout"]),
        (Behaviors(sendTimeout: .zero), ["sendTimeout"]),
        (Behaviors(receiveTimeout: .seconds(-1)), ["receiveTimeout"]),
        (Behaviors(retryTimeout: .seconds(-1)), ["retryTimeout"]),
        (Behaviors(retryTimeout: .milliseconds(-1)), ["retryTimeout"]),
        (Behaviors(retryTimeout: .seconds(Int64(Int32.max) + 1)), ["retryTimeout", "2147483647"]),
        (Behaviors(deadTimeout: .seconds(-1)), ["deadTimeout"]),
        (Behaviors(removeFailed: 1, deadTimeout: .zero), ["deadTimeout", "never come back"]),
        (Behaviors(autoEject: true, deadTimeout: .zero), ["deadTimeout", "never come back"]),
        (Behaviors(removeFailed: -1), ["removeFailed", "-1"]),
        (Behaviors(failureLimit: 0), ["failureLimit", "from 1"]),
        (Behaviors(failureLimit: .max), ["failureLimit"]),
        (Behaviors(socketSendSize: -1), ["socketSendSize"]),
        (Behaviors(socketRecvSize: .max), ["socketRecvSize"]),
        (Behaviors(tcpKeepidle: .zero), ["tcpKeepidle", "32767"]),
        (Behaviors(tcpKeepidle: .seconds(32768)), ["tcpKeepidle"]),
        (Behaviors(tcpKeepidle: .milliseconds(32767001)), ["tcpKeepidle"]),
        (Behaviors(namespace: String(repeating: "n", count: 128)), ["namespace", "127"]),
        (Behaviors(namespace: String(repeating: "é", count: 64)), ["namespace", "127"]),
        (Behaviors(namespace: "a\0b"), ["namespace", "NUL"]),
        (Behaviors(distribution: .consistentMax), ["consistentMax"]),
    ]

    @Test("What does harm is refused with setting and reason", arguments: refused)
    func harmfulSettingsAreRefused(behaviors: Behaviors, parts: [String]) throws {
        let error = try #require(Self.problem(behaviors))
        #expect(error.code == .invalidArguments)
        #expect(error.operation == "setBehaviors")
        for part in parts { #expect(error.detail.contains(part), "\(error.detail)") }
    }

    // MARK: Settings and the client

    @Test("The ASCII protocol wants ASCII namespaces without blanks", arguments: [" ", "a\tb", "a\n", "\u{7F}", "é"])
    func asciiNamespacesAreLimited(namespace: String) throws {
        let behaviors = Behaviors(namespace: namespace)
        #expect(Self.problem(behaviors, isBinary: true) == nil)
        let error = try #require(Self.problem(behaviors, isBinary: false))
        #expect(error.detail.contains("namespace"))
        #expect(error.detail.contains("ASCII"))
    }

    @Test("Other namespaces are fine in both protocols", arguments: ["n", "app:1/~!"], [false, true])
    func plainNamespacesAreAllowed(namespace: String, isBinary: Bool) {
        #expect(Self.problem(Behaviors(namespace: namespace), isBinary: isBinary) == nil)
    }

    static let consistent: [Behaviors] = [
        Behaviors(ketama: true), Behaviors(ketamaWeighted: true), Behaviors(distribution: .consistent),
        Behaviors(distribution: .consistentKetama), Behaviors(distribution: .consistentKetamaSpy),
        Behaviors(distribution: .consistentWeighted), .failover,
    ]

    @Test("More than 100 servers don't go with consistent hashing", arguments: consistent)
    func consistentHashingHasRoomForAHundred(behaviors: Behaviors) throws {
        let servers = (1...101).map { Server(.tcp(host: "h", port: $0)) }
        #expect(Self.problem(behaviors, servers: servers.dropLast()) == nil)
        let error = try #require(Self.problem(behaviors, servers: servers))
        #expect(error.code == .invalidArguments)
        #expect(error.detail.contains("101 servers"))
    }

    @Test(
        "More than 100 servers go with other distributions",
        arguments: [
            Behaviors.default, Behaviors(ketama: false), Behaviors(distribution: .virtualBucket),
            Behaviors(ketama: true, distribution: .modula),
        ]
    )
    func otherDistributionsHaveRoomForMore(behaviors: Behaviors) {
        let servers = (1...150).map { Server(.tcp(host: "h", port: $0)) }
        #expect(Self.problem(behaviors, servers: servers) == nil)
    }

    @Test("TCP and unix sockets can be mixed, UDP only with itself")
    func transportsAreMixedWithCare() throws {
        #expect(Self.problem(.default, servers: [Self.tcp, Self.socket, Self.tcp]) == nil)
        #expect(Self.problem(.default, servers: [Self.udp, Self.udp]) == nil)
        for other in [Self.tcp, Self.socket] {
            let error = try #require(Self.problem(.default, servers: [other, Self.udp]))
            #expect(error.code == .invalidArguments)
            #expect(error.detail.contains("UDP"))
        }
    }

    @Test("Credentials want TCP and the binary protocol")
    func credentialsWantTCPAndBinary() throws {
        #expect(Self.problem(.default, servers: [Self.tcp, Self.tcp], hasCredentials: true) == nil)
        let ascii = try #require(Self.problem(.default, isBinary: false, hasCredentials: true))
        #expect(ascii.code == .invalidArguments)
        #expect(ascii.detail.contains("binary protocol"))
        for servers in [[Self.tcp, Self.socket], [Self.udp]] {
            let error = try #require(Self.problem(.default, servers: servers, hasCredentials: true))
            #expect(error.code == .invalidArguments)
            #expect(error.detail.contains("TCP only"))
        }
    }
}
