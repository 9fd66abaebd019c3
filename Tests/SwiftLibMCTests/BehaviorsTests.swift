import Testing

@testable import SwiftLibMC

@Suite("Behaviors")
struct BehaviorsTests {
    /// Every setting with a value that no other setting has, where its type allows that.
    static let complete = Behaviors(
        noBlock: false,
        tcpNodelay: true,
        tcpKeepalive: false,
        hash: .fnv1a_64,
        ketamaHash: .md5,
        ketama: true,
        ketamaWeighted: false,
        distribution: .consistentKetamaSpy,
        cas: true,
        bufferRequests: false,
        verifyKeys: true,
        connectTimeout: .milliseconds(101),
        sendTimeout: .microseconds(102),
        receiveTimeout: .microseconds(103),
        pollTimeout: .milliseconds(104),
        numReplicas: 105,
        randomizeReplicaRead: false,
        autoEject: true,
        retryTimeout: .seconds(106),
        removeFailed: 107,
        failureLimit: 108,
        deadTimeout: .seconds(109),
        ioMsgWatermark: 110,
        ioBytesWatermark: 111,
        ioKeyPrefetch: 112,
        hashWithPrefixKey: false,
        noreply: true,
        sortHosts: false,
        socketSendSize: 113,
        socketRecvSize: 114,
        namespace: "n:",
        tcpKeepidle: .seconds(115)
    )

    /// The same in pylibmc's names and units.
    static let completeDictionary = [
        "no_block": "0", "tcp_nodelay": "1", "tcp_keepalive": "0", "hash": "fnv1a_64", "ketama_hash": "md5",
        "ketama": "1", "ketama_weighted": "0", "distribution": "consistent ketama spy", "cas": "1",
        "buffer_requests": "0", "verify_keys": "1", "connect_timeout": "101", "send_timeout": "102",
        "receive_timeout": "103", "_poll_timeout": "104", "num_replicas": "105", "randomize_replica_read": "0",
        "auto_eject": "1", "retry_timeout": "106", "remove_failed": "107", "failure_limit": "108",
        "dead_timeout": "109", "_io_msg_watermark": "110", "_io_bytes_watermark": "111", "_io_key_prefetch": "112",
        "_hash_with_prefix_key": "0", "_noreply": "1", "_sort_hosts": "0", "_socket_send_size": "113",
        "_socket_recv_size": "114", "namespace": "n:", "tcp_keepidle": "115",
    ]

    // MARK: The list of settings

    @Test("The list of settings has every property, under its own name")
    func listIsComplete() throws {
        // Internal: it says in which order two of the others were set.
        func settings(_ behaviors: Behaviors) -> [Mirror.Child] {
            Mirror(reflecting: behaviors).children.filter { $0.label != "hashesPrevail" }
        }
        let properties = settings(Behaviors()).compactMap(\.label)
        #expect(properties.map(Behaviors.folded) == Behaviors.Setting.all.map { Behaviors.folded($0.name) })
        for (name, text) in Self.completeDictionary {
            let changed = settings(try Behaviors([name: text])).filter { "\($0.value)" != "nil" }
            #expect(changed.compactMap(\.label).map(Behaviors.folded) == [Behaviors.folded(name)])
        }
    }

    @Test("pylibmc's names are all there")
    func pylibmcNamesAreKnown() {
        // `pylibmc.all_behaviors` and `all_callbacks` of pylibmc 1.6.3, without Python's `pickle_protocol`.
        let names = [
            "no_block", "tcp_nodelay", "tcp_keepalive", "hash", "ketama_hash", "ketama", "ketama_weighted",
            "distribution", "cas", "buffer_requests", "verify_keys", "connect_timeout", "send_timeout",
            "receive_timeout", "num_replicas", "auto_eject", "retry_timeout", "remove_failed", "failure_limit",
            "_io_msg_watermark", "_io_bytes_watermark", "_io_key_prefetch", "_hash_with_prefix_key", "_noreply",
            "_sort_hosts", "_poll_timeout", "_socket_send_size", "_socket_recv_size", "dead_timeout", "namespace",
        ]
        #expect(Set(names).isSubset(of: Behaviors.Setting.all.map(\.name)))
    }

    @Test("Nothing is set unless given")
    func nothingIsSetUnlessGiven() throws {
        #expect(Behaviors().pylibmcDictionary.isEmpty)
        #expect(try Behaviors([:]) == Behaviors())
    }

    // MARK: Dictionaries

    @Test("A dictionary of pylibmc's and back gives the same")
    func dictionariesRoundTrip() throws {
        #expect(Self.complete.pylibmcDictionary == Self.completeDictionary)
        #expect(try Behaviors(Self.completeDictionary) == Self.complete)
        #expect(try Behaviors(Behaviors.default.pylibmcDictionary) == .default)
        #expect(try Behaviors(Behaviors.failover.pylibmcDictionary) == .failover)
    }

    @Test(
        "Names are known in any spelling",
        arguments: ["_poll_timeout", "poll_timeout", "pollTimeout", "POLL_TIMEOUT", "poll timeout", "Poll-Timeout"]
    )
    func namesAreSpelledFreely(name: String) throws {
        #expect(try Behaviors([name: "5"]) == Behaviors(pollTimeout: .milliseconds(5)))
    }

    @Test("pylibmc's hidden retry time-out is the open one")
    func hiddenRetryTimeoutIsKnown() throws {
        #expect(try Behaviors(["_retry_timeout": "3"]) == Behaviors(retryTimeout: .seconds(3)))
    }

    @Test(
        "Booleans are words or digits",
        arguments: ["1", "true", "True", "YES", "on"],
        ["0", "false", "False", "no", "OFF"]
    )
    func booleansAreSpelledFreely(yes: String, no: String) throws {
        #expect(try Behaviors(["cas": yes, "ketama": no]) == Behaviors(ketama: false, cas: true))
    }

    @Test("Each hash is read by pylibmc's name and libmemcached's number", arguments: Behaviors.Hash.allCases)
    func hashesAreRead(hash: Behaviors.Hash) throws {
        let text = try #require(Behaviors(hash: hash).pylibmcDictionary["hash"])
        #expect(try Behaviors(["hash": text, "ketama_hash": text]) == Behaviors(hash: hash, ketamaHash: hash))
        #expect(try Behaviors(["hash": text.uppercased()]).hash == hash)
        #expect(try Behaviors(["ketama_hash": String(hash.rawValue)]).ketamaHash == hash)
    }

    @Test(
        "Each distribution is read by pylibmc's name in any spelling, and by libmemcached's number",
        arguments: Behaviors.Distribution.allCases
    )
    func distributionsAreRead(distribution: Behaviors.Distribution) throws {
        let text = try #require(Behaviors(distribution: distribution).pylibmcDictionary["distribution"])
        let underscored = String(text.map { $0 == " " ? "_" : $0 })
        for spelling in [text, underscored, "\(distribution)", String(distribution.rawValue)] {
            #expect(try Behaviors(["distribution": spelling]) == Behaviors(distribution: distribution))
        }
    }

    @Test("Names and numbers of hashes and distributions are pylibmc's and libmemcached's")
    func numbersAreThoseOfTheLibraries() throws {
        // `pylibmc.hashers` and `pylibmc.distributions`; murmur3 is libmemcached's only.
        let hashes = [
            "default": 0, "md5": 1, "crc": 2, "fnv1_64": 3, "fnv1a_64": 4, "fnv1_32": 5, "fnv1a_32": 6, "hsieh": 7,
            "murmur": 8, "jenkins": 9, "murmur3": 10,
        ]
        let distributions = [
            "modula": 0, "consistent": 1, "consistent ketama": 2, "random": 3, "consistent ketama spy": 4,
            "consistent weighted": 5, "virtual bucket": 6, "consistent max": 7,
        ]
        #expect(Behaviors.Hash.allCases.count == hashes.count)
        for (name, number) in hashes {
            #expect(Behaviors(hash: .init(rawValue: number)).pylibmcDictionary["hash"] == name)
        }
        #expect(Behaviors.Distribution.allCases.count == distributions.count)
        for (name, number) in distributions {
            #expect(Behaviors(distribution: .init(rawValue: number)).pylibmcDictionary["distribution"] == name)
        }
    }

    @Test("Times are rounded up to pylibmc's units")
    func timesAreRoundedUp() {
        let behaviors = Behaviors(
            connectTimeout: .microseconds(1),
            sendTimeout: .nanoseconds(1),
            pollTimeout: .microseconds(1001),
            retryTimeout: .milliseconds(1),
            tcpKeepidle: .milliseconds(1001)
        )
        #expect(
            behaviors.pylibmcDictionary == [
                "connect_timeout": "1", "send_timeout": "1", "_poll_timeout": "2", "retry_timeout": "1",
                "tcp_keepidle": "2",
            ]
        )
    }

    @Test(
        "What can't be read is refused with name, value and what it has to be",
        arguments: [
            ("cas", "maybe", "true, false"), ("cas", "2", "true, false"), ("cas", "", "true, false"),
            ("connect_timeout", "fast", "whole number of milliseconds"),
            ("connect_timeout", "1.5", "whole number of milliseconds"),
            ("send_timeout", "1s", "whole number of microseconds"), ("dead_timeout", " 1", "whole number of seconds"),
            ("num_replicas", "99999999999999999999", "whole number"), ("hash", "sha1", "fnv1a_64"),
            ("hash", "11", "fnv1a_64"), ("distribution", "ketama", "consistent ketama spy"),
            ("distribution", "8", "consistent ketama spy"),
        ]
    )
    func unreadableValuesAreRefused(name: String, value: String, expectation: String) throws {
        let error = try #require(throws: MemcachedError.self) { try Behaviors([name: value]) }
        #expect(error.code == .invalidArguments)
        for part in [name, value.debugDescription, expectation] {
            #expect(error.detail.contains(part), "\(error.detail)")
        }
    }

    @Test("Unknown names are all named, with those that are known")
    func unknownNamesAreRefused() throws {
        let error = try #require(throws: MemcachedError.self) {
            try Behaviors(["tcp_delay": "1", "cas": "nonsense", "binary": "1", "hash": "md5"])
        }
        #expect(error.code == .invalidArguments)
        #expect(error.detail.hasPrefix("unknown behaviors: binary, tcp_delay; known ones: no_block, tcp_nodelay,"))
        #expect(error.detail.hasSuffix("namespace, tcp_keepidle"))
    }

    @Test("A name in two spellings is refused")
    func doubleNamesAreRefused() throws {
        let error = try #require(throws: MemcachedError.self) {
            try Behaviors(["poll_timeout": "1", "_poll_timeout": "2"])
        }
        #expect(error.code == .invalidArguments)
        #expect(error.detail.contains("_poll_timeout is there twice"))
    }

    // MARK: Merging

    @Test("Merging takes what is set from the other and keeps the rest")
    func mergingTakesWhatIsSet() {
        #expect(Behaviors().merging(Self.complete) == Self.complete)
        #expect(Self.complete.merging(Behaviors()) == Self.complete)
        #expect(Behaviors.default.merging(Self.complete) == Self.complete)
        #expect(Behaviors().filling(from: Self.complete) == Self.complete)
        let ours = Behaviors(cas: true, pollTimeout: .seconds(1))
        let others = Behaviors(pollTimeout: .seconds(2), namespace: "n")
        #expect(ours.merging(others) == Behaviors(cas: true, pollTimeout: .seconds(2), namespace: "n"))
        #expect(ours.filling(from: others) == Behaviors(cas: true, pollTimeout: .seconds(1), namespace: "n"))
    }

    @Test("ketama, ketamaWeighted and distribution override each other in pylibmc's order")
    func placementFollowsPylibmc() {
        #expect(Behaviors().placement == nil)
        #expect(Behaviors(ketama: true).placement == .consistentKetama)
        #expect(Behaviors(ketama: false).placement == .modula)
        #expect(Behaviors(ketamaWeighted: true).placement == .consistentWeighted)
        #expect(Behaviors(ketamaWeighted: false).placement == .consistentKetama)
        #expect(Behaviors(ketama: false, ketamaWeighted: false).placement == .consistentKetama)
        #expect(Behaviors(ketama: true, ketamaWeighted: false).placement == .consistentKetama)
        #expect(Behaviors(ketama: false, ketamaWeighted: true).placement == .consistentWeighted)
        #expect(Behaviors(ketama: true, ketamaWeighted: true, distribution: .modula).placement == .modula)
    }

    static let placements: [(earlier: Behaviors, later: Behaviors, result: Behaviors.Distribution?)] = [
        (Behaviors(ketama: true), Behaviors(distribution: .modula), .modula),
        (Behaviors(distribution: .modula), Behaviors(ketama: true), .consistentKetama),
        (Behaviors(distribution: .modula), Behaviors(ketamaWeighted: true), .consistentWeighted),
        (Behaviors(ketamaWeighted: true), Behaviors(ketama: true), .consistentKetama),
        (Behaviors(ketamaWeighted: true), Behaviors(ketama: false), .modula),
        (Behaviors(ketamaWeighted: true), Behaviors(ketamaWeighted: false), .consistentKetama),
        (Behaviors(distribution: .consistentWeighted), Behaviors(ketamaWeighted: false), .consistentKetama),
        (Behaviors(distribution: .random), Behaviors(ketamaWeighted: false), .consistentKetama),
        (Behaviors(ketama: true), Behaviors(ketamaWeighted: false), .consistentKetama),
        (Behaviors(), Behaviors(ketamaWeighted: false), .consistentKetama),
        (Behaviors(ketama: true), Behaviors(cas: true), .consistentKetama),
    ]

    @Test("The later placement wins, however it is said", arguments: placements)
    func laterPlacementWins(earlier: Behaviors, later: Behaviors, result: Behaviors.Distribution?) {
        #expect(earlier.merging(later).placement == result)
    }

    @Test("The later word on removing servers wins, however it is said")
    func laterRemovalWins() {
        #expect(Behaviors().removesFailedServers == nil)
        #expect(Behaviors(autoEject: true, removeFailed: 0).removesFailedServers == false)
        #expect(Behaviors(autoEject: false, removeFailed: 2).removesFailedServers == true)
        #expect(Behaviors(removeFailed: 1).merging(Behaviors(autoEject: false)).removesFailedServers == false)
        #expect(Behaviors(autoEject: true).merging(Behaviors(removeFailed: 0)).removesFailedServers == false)
        #expect(Behaviors(autoEject: true).merging(Behaviors(cas: true)).removesFailedServers == true)
    }

    @Test("The shortest of the three waits counts")
    func shortestWaitCounts() {
        #expect(Behaviors().effectivePollTimeout == nil)
        #expect(Behaviors(pollTimeout: .seconds(1)).effectivePollTimeout == .seconds(1))
        let behaviors = Behaviors(sendTimeout: .seconds(2), receiveTimeout: .milliseconds(1), pollTimeout: .seconds(1))
        #expect(behaviors.effectivePollTimeout == .milliseconds(1))
        #expect(Behaviors(sendTimeout: .seconds(2)).effectivePollTimeout == .seconds(2))
    }

    // MARK: Presets

    @Test("The default leaves placement to libmemcached and bounds every wait")
    func defaultIsSafe() {
        let behaviors = Behaviors.default
        #expect(behaviors.placement == nil)
        #expect(behaviors.hash == nil)
        #expect(behaviors.ketamaHash == nil)
        #expect(behaviors.removesFailedServers == nil)
        #expect(behaviors.tcpNodelay == true)
        #expect(behaviors.tcpKeepalive == true)
        #expect(behaviors.tcpKeepidle == .seconds(60))
        #expect(behaviors.connectTimeout == .milliseconds(500))
        #expect(behaviors.effectivePollTimeout == .milliseconds(500))
        #expect(behaviors.retryTimeout == .seconds(1))
        #expect(behaviors.deadTimeout == .seconds(30))
        #expect(behaviors.ioMsgWatermark == 4_294_967_295)
        #expect(behaviors.ioBytesWatermark == 4_294_967_295)
    }

    @Test("Failover is the default with ketama and the removal of failed servers")
    func failoverRemovesServers() {
        let behaviors = Behaviors.failover
        #expect(behaviors.placement == .consistentKetama)
        #expect(behaviors.removesFailedServers == true)
        #expect(behaviors.failureLimit == 1)
        #expect(behaviors.retryTimeout == .seconds(1))
        #expect(behaviors.deadTimeout == .seconds(2))
        #expect(behaviors.connectTimeout == Behaviors.default.connectTimeout)
        #expect(behaviors.ioMsgWatermark == Behaviors.default.ioMsgWatermark)
    }
}
