import SwiftLibMC
import TestSupport
import Testing

/// The behaviors of a client: how they are set, read back, changed and refused.
@Suite("Behaviors of a client", .timeLimit(.minutes(5)))
struct BehaviorTests {
    private func made(_ behaviors: Behaviors, servers: [String] = ["127.0.0.1:1", "127.0.0.1:2"]) throws -> Client {
        try Client(servers, behaviors: behaviors)
    }

    @Test func allCanBeReadBack() throws {
        let wanted = Behaviors(
            noBlock: false,
            tcpNodelay: false,
            tcpKeepalive: false,
            hash: .fnv1a_32,
            ketamaHash: .murmur,
            distribution: .consistentKetama,
            cas: true,
            bufferRequests: false,
            connectTimeout: .milliseconds(123),
            pollTimeout: .milliseconds(456),
            numReplicas: 0,
            randomizeReplicaRead: false,
            retryTimeout: .seconds(3),
            removeFailed: 2,
            failureLimit: 4,
            deadTimeout: .seconds(9),
            ioMsgWatermark: 4_294_967_295,
            ioBytesWatermark: 4_294_967_295,
            ioKeyPrefetch: 0,
            hashWithPrefixKey: true,
            noreply: true,
            sortHosts: true,
            socketSendSize: 65536,
            socketRecvSize: 65536,
            namespace: "ns:",
            tcpKeepidle: .seconds(30)
        )
        let client = try made(wanted)
        // Names as in a configuration file, to see which one differs.
        let read = client.behaviors.pylibmcDictionary
        for (name, value) in wanted.pylibmcDictionary where name != "ketama" {
            #expect(read[name] == value, "\(name)")
        }
        #expect(read["ketama"] == "1")
    }

    @Test(.hazard(26, 35)) func whatIsNotSetHasItsDefault() throws {
        let read = try made(Behaviors()).behaviors
        let defaults = Behaviors.default
        #expect(read.tcpNodelay == defaults.tcpNodelay)
        #expect(read.tcpKeepalive == defaults.tcpKeepalive)
        #expect(read.connectTimeout == defaults.connectTimeout)
        #expect(read.pollTimeout == defaults.pollTimeout)
        #expect(read.retryTimeout == defaults.retryTimeout)
        #expect(read.deadTimeout == defaults.deadTimeout)
        // Placement is libmemcached's own, and so pylibmc's.
        #expect(read.hash == .default)
        #expect(read.distribution == .modula)
        #expect(read.ketama == false)
        #expect(read.namespace == nil)
        #expect(read.noreply == false)
    }

    @Test func whatIsRefusedIsRefusedByTheMethodThatWantedIt() throws {
        let client = try made(Behaviors())
        #expect(
            expectFailure(.invalidArguments) { try client.setBehaviors(Behaviors(noBlock: true)) }?.operation
                == "setBehaviors"
        )
        let mixed = try ["udp:127.0.0.1:1", "127.0.0.1:2"].map { try Server(parsing: $0) }
        #expect(expectFailure(.invalidArguments) { try client.setServers(mixed) }?.operation == "setServers")
        #expect(expectFailure(.noServers) { try client.setServers([Server]()) }?.operation == "setServers")
    }

    @Test func setBehaviorsChangesWhatIsGivenOnly() throws {
        let client = try made(Behaviors(hash: .md5, namespace: "a"))
        try client.setBehaviors(Behaviors(pollTimeout: .milliseconds(77)))
        #expect(client.behaviors.pollTimeout == .milliseconds(77))
        #expect(client.behaviors.hash == .md5)
        #expect(client.behaviors.namespace == "a")
        try client.setBehaviors(Behaviors())
        #expect(client.behaviors.pollTimeout == .milliseconds(77))
    }

    @Test(arguments: Route.allCases)
    func setBehaviorsWorksOnALiveClient(_ route: Route) throws {
        let client = try route.client()
        let (key, namespace) = (uniqueKey(), uniqueKey("ns"))
        try client.set(key, "without")
        try client.setBehaviors(Behaviors(namespace: namespace))
        #expect(try client.get(key, as: String.self) == nil)
        try client.set(key, "with")
        #expect(try route.client().get(key) == "without")
        #expect(try route.client().get(namespace + key) == "with")
        try client.setBehaviors(Behaviors(tcpNodelay: true, namespace: uniqueKey("other")))
        #expect(try client.get(key, as: String.self) == nil)
    }

    static let refused: [(String, Behaviors)] = [
        ("noBlock", Behaviors(noBlock: true)),
        ("bufferRequests", Behaviors(bufferRequests: true)),
        ("numReplicas", Behaviors(numReplicas: 1)),
        ("randomizeReplicaRead", Behaviors(randomizeReplicaRead: true)),
        ("ioMsgWatermark", Behaviors(ioMsgWatermark: 500)),
        ("ioBytesWatermark", Behaviors(ioBytesWatermark: 65536)),
        ("ioKeyPrefetch", Behaviors(ioKeyPrefetch: 10)),
        ("connectTimeout", Behaviors(connectTimeout: .zero)),
        ("connectTimeout", Behaviors(connectTimeout: .seconds(-1))),
        ("pollTimeout", Behaviors(pollTimeout: .zero)),
        ("pollTimeout", Behaviors(pollTimeout: .seconds(1 << 40))),
        ("sendTimeout", Behaviors(sendTimeout: .zero)),
        ("receiveTimeout", Behaviors(receiveTimeout: .seconds(-1))),
        ("retryTimeout", Behaviors(retryTimeout: .seconds(-1))),
        ("deadTimeout", Behaviors(ketama: true, removeFailed: 1, deadTimeout: .zero)),
        ("failureLimit", Behaviors(failureLimit: 0)),
        ("removeFailed", Behaviors(removeFailed: -1)),
        ("socketSendSize", Behaviors(socketSendSize: -1)),
        ("socketRecvSize", Behaviors(socketRecvSize: -1)),
        ("tcpKeepidle", Behaviors(tcpKeepidle: .seconds(40_000))),
        ("namespace", Behaviors(namespace: String(repeating: "n", count: 128))),
        ("namespace", Behaviors(namespace: "a\0b")),
        ("distribution", Behaviors(distribution: .consistentMax)),
        ("distribution", Behaviors(distribution: .random)),
        // Debian's library is built without it.
        ("hash", Behaviors(hash: .hsieh)),
        ("ketamaHash", Behaviors(ketamaHash: .hsieh)),
    ]

    @Test(.hazard(27, 36, 40, 82, 87, 88, 95, 96), arguments: refused)
    func whatIsUnsafeIsRefusedByName(name: String, behaviors: Behaviors) throws {
        let error = expectFailure(.invalidArguments) { try made(behaviors) }
        #expect(error?.detail.contains(name) == true)

        let client = try made(.patient)
        let before = client.behaviors
        let later = expectFailure(.invalidArguments) { try client.setBehaviors(behaviors) }
        #expect(later?.detail.contains(name) == true)
        #expect(client.behaviors == before)
    }

    @Test(arguments: Route.protocols)
    func aRefusalLeavesALiveClientAsItWas(_ route: Route) throws {
        let client = try route.client()
        let key = uniqueKey()
        try client.set(key, 1)
        let bad = Behaviors(hash: .md5, noreply: true, namespace: "a\0b")
        expectFailure(.invalidArguments) { try client.setBehaviors(bad) }
        #expect(try client.get(key) == 1)
        #expect(client.behaviors.namespace == nil)
    }

    @Test(.hazard(40)) func inTheASCIIProtocolNamespacesAreText() throws {
        for namespace in ["with blank", "tab\t", "é"] {
            expectFailure(.invalidArguments) {
                try Client(["127.0.0.1:1"], binary: false, behaviors: Behaviors(namespace: namespace))
            }
        }
        let client = try Route.binaryTCP.client(.namespace("with blank é \(uniqueKey())"))
        try client.set("k", 1)
        #expect(try client.get("k") == 1)
    }

    @Test func settingsFromAConfigurationFile() throws {
        let behaviors = try Behaviors(["tcp_nodelay": "1", "hash": "md5", "connect_timeout": "200", "ketama": "yes"])
        let read = try made(behaviors).behaviors
        #expect(read.hash == .md5)
        #expect(read.connectTimeout == .milliseconds(200))
        #expect(read.distribution == .consistentKetama)
        let error = expectFailure(.invalidArguments) { try Behaviors(["no_such_thing": "1"]) }
        #expect(error?.detail.contains("tcp_nodelay") == true)
    }

    @Test(.hazard(27), arguments: ["send", "receive"])
    func theOtherTimeOutsBoundWaitsToo(_ name: String) throws {
        let server = try FakeServer(.silent)
        let short = Duration.milliseconds(50)
        let behaviors =
            name == "send"
            ? Behaviors(sendTimeout: short, pollTimeout: .seconds(3600))
            : Behaviors(receiveTimeout: short, pollTimeout: .seconds(3600))
        let client = try made(behaviors, servers: [server.address])
        // By the other time-out it would take longer than a test may.
        #expect(expectFailure(.timeout) { try client.get("k", as: Int.self) }?.isTimeout == true)
    }
}
