/// The settings of a client: pylibmc's behaviors.
///
/// A setting that is nil stays as it is: when a client is made, at the value in ``default``, and where that has none,
/// at libmemcached's own. Names are pylibmc's in camel case; every time is a `Duration`.
///
/// Settings that libmemcached ignores, or that lose or mix up data in it, are refused with the reason when they are
/// applied; see each one.
public struct Behaviors: Hashable, Sendable {
    /// Whether writes return before they are sent.
    ///
    /// Only `false` is allowed. `true` is refused: libmemcached then throws away unsent writes when it closes a
    /// connection. pylibmc `no_block`.
    public var noBlock: Bool?
    /// Whether small packets are sent at once.
    ///
    /// Without it a multi-get that misses a key takes 40 ms. pylibmc `tcp_nodelay`.
    public var tcpNodelay: Bool?
    /// Whether idle connections are probed, so that firewalls keep them and dead ones are noticed.
    ///
    /// pylibmc `tcp_keepalive`. ``tcpKeepidle`` says when.
    public var tcpKeepalive: Bool?
    /// The hash of keys, which decides on their server.
    ///
    /// pylibmc `hash`.
    public var hash: Hash?
    /// The hash of servers in the ketama distributions.
    ///
    /// pylibmc `ketama_hash`.
    public var ketamaHash: Hash?
    /// Whether keys are placed by consistent hashing, so that few of them move when the servers change.
    ///
    /// The same as ``distribution`` with `consistentKetama`, or with `modula` for `false`. Weights of servers count as
    /// soon as one of them is above 1, as they do for a client that pylibmc makes with this setting. pylibmc `ketama`.
    public var ketama: Bool?
    /// Whether keys are placed by consistent hashing that heeds the weights of servers, with MD5 for both hashes.
    ///
    /// The same as ``distribution`` with `consistentWeighted`, and with `consistentKetama` for `false`: that switches
    /// ketama on, whatever ``ketama`` says. A ``hash`` that is given beside `true` is replaced by MD5; for another one
    /// set ``distribution`` to `consistentWeighted`, or the hash later by ``Client/setBehaviors(_:)``. All of this is
    /// as in pylibmc `ketama_weighted`.
    public var ketamaWeighted: Bool?
    /// How keys are spread over the servers.
    ///
    /// It has precedence over ``ketama`` and ``ketamaWeighted`` beside it, of which the latter's MD5 stays, as in
    /// pylibmc. pylibmc `distribution`.
    public var distribution: Distribution?
    /// Whether reads bring the CAS tokens of items along in the ASCII protocol.
    ///
    /// The binary protocol always has them. pylibmc `cas`.
    public var cas: Bool?
    /// Whether writes wait in a buffer for more.
    ///
    /// Only `false` is allowed. `true` is refused: the failures of such writes are lost. `setMulti` and the like
    /// pipeline with exact results. pylibmc `buffer_requests`.
    public var bufferRequests: Bool?
    /// Whether libmemcached checks keys too.
    ///
    /// Either value is accepted and changes nothing: this library always checks keys itself, in both protocols. pylibmc
    /// `verify_keys`.
    public var verifyKeys: Bool?
    /// How long connecting to one address of a server may take, in whole milliseconds above zero.
    ///
    /// Looking up a host's name is not part of it. pylibmc `connect_timeout`, libmemcached's own value is 4 s.
    public var connectTimeout: Duration?
    /// An upper bound of each wait for a server, like ``pollTimeout``.
    ///
    /// libmemcached itself ignores this time. The shortest of the three counts, for sending and for receiving. pylibmc
    /// `send_timeout`.
    public var sendTimeout: Duration?
    /// An upper bound of each wait for a server, like ``pollTimeout``.
    ///
    /// libmemcached itself ignores this time. The shortest of the three counts, for sending and for receiving. pylibmc
    /// `receive_timeout`.
    public var receiveTimeout: Duration?
    /// How long each wait for a server to take or to give bytes may last, in whole milliseconds above zero.
    ///
    /// A call may wait more than once. pylibmc `_poll_timeout`, libmemcached's own value is 5 s.
    public var pollTimeout: Duration?
    /// On how many further servers items are stored.
    ///
    /// Only 0 is allowed. More is refused: libmemcached copies only `set` and `delete`, and deleting an item whose copy
    /// is gone makes later calls read the replies of earlier ones. pylibmc `num_replicas`.
    public var numReplicas: Int?
    /// Whether reads ask any of the replicas.
    ///
    /// Only `false` is allowed. `true` is refused: such reads miss stored items. libmemcached `RANDOMIZE_REPLICA_READ`.
    public var randomizeReplicaRead: Bool?
    /// Whether servers that fail are left out and their keys go to others.
    ///
    /// The same as ``removeFailed`` with 1. pylibmc `auto_eject`.
    public var autoEject: Bool?
    /// How long a failed server is not asked again, in whole seconds.
    ///
    /// Calls for its keys fail at once meanwhile. libmemcached's own value is 2 s, and zero acts as up to 1 s. pylibmc
    /// `retry_timeout`.
    public var retryTimeout: Duration?
    /// Whether servers that fail are left out and their keys go to others: zero for no, any other number for yes.
    ///
    /// The number is how many failures that takes, unless ``failureLimit`` is set: that is what pylibmc means by
    /// `remove_failed`, but libmemcached ignores it there. It works with the ketama distributions only, and needs
    /// ``deadTimeout`` above zero.
    public var removeFailed: Int?
    /// After how many failures in a row a server is left out, 1 or more.
    ///
    /// libmemcached's own value is 5. pylibmc `failure_limit`.
    public var failureLimit: Int?
    /// How long a server stays left out before it is tried again, in whole seconds.
    ///
    /// libmemcached's own value is zero, which means forever: refused together with ``removeFailed`` or ``autoEject``.
    /// pylibmc `dead_timeout`.
    public var deadTimeout: Duration?
    /// How many requests libmemcached sends before it reads replies.
    ///
    /// Only 4294967295 is allowed. Less is refused: libmemcached drops the replies that it reads so early, and with
    /// them the results of writes. pylibmc `_io_msg_watermark`.
    public var ioMsgWatermark: Int?
    /// How many bytes libmemcached sends before it reads replies.
    ///
    /// Only 4294967295 is allowed. Less is refused, as with ``ioMsgWatermark``. pylibmc `_io_bytes_watermark`.
    public var ioBytesWatermark: Int?
    /// After how many keys a multi-get is sent.
    ///
    /// Only 0 is allowed. More is refused: where such a send does not finish in time, libmemcached sends part of it
    /// twice. This library divides multi-gets itself. pylibmc `_io_key_prefetch`.
    public var ioKeyPrefetch: Int?
    /// Whether the ``namespace`` takes part in choosing a key's server.
    ///
    /// pylibmc `_hash_with_prefix_key`.
    public var hashWithPrefixKey: Bool?
    /// Whether the server is asked not to answer writes.
    ///
    /// Calls that return a value still ask for a reply, `add` and `replace` among them, and so do those whose errors
    /// would mix up later replies. Of the rest, what a server refuses goes unnoticed.
    /// pylibmc `_noreply`.
    public var noreply: Bool?
    /// Whether the servers are sorted, so that their order does not matter.
    ///
    /// pylibmc `_sort_hosts`.
    public var sortHosts: Bool?
    /// The size of a socket's send buffer in bytes, 0 for the system's.
    ///
    /// pylibmc `_socket_send_size`.
    public var socketSendSize: Int?
    /// The size of a socket's receive buffer in bytes, 0 for the system's.
    ///
    /// pylibmc `_socket_recv_size`.
    public var socketRecvSize: Int?
    /// The prefix of every key on the server, up to 127 bytes; an empty one removes an earlier one.
    ///
    /// It counts towards the 250 bytes of a key. No NUL in it; in the ASCII protocol no blanks or control characters.
    /// A client without one reads it as nil. pylibmc `namespace`.
    public var namespace: String?
    /// How long a connection is idle before it is probed, from 1 to 32767 whole seconds.
    ///
    /// pylibmc does not have it: libmemcached `TCP_KEEPIDLE`. It needs ``tcpKeepalive``.
    public var tcpKeepidle: Duration?
    /// Whether ``hash`` and ``ketamaHash`` were set after ``ketamaWeighted``, so that its MD5 does not replace them.
    ///
    /// Settings that are given together never have it.
    var hashesPrevail = false

    /// Makes settings of which those not given are nil.
    public init(
        noBlock: Bool? = nil,
        tcpNodelay: Bool? = nil,
        tcpKeepalive: Bool? = nil,
        hash: Hash? = nil,
        ketamaHash: Hash? = nil,
        ketama: Bool? = nil,
        ketamaWeighted: Bool? = nil,
        distribution: Distribution? = nil,
        cas: Bool? = nil,
        bufferRequests: Bool? = nil,
        verifyKeys: Bool? = nil,
        connectTimeout: Duration? = nil,
        sendTimeout: Duration? = nil,
        receiveTimeout: Duration? = nil,
        pollTimeout: Duration? = nil,
        numReplicas: Int? = nil,
        randomizeReplicaRead: Bool? = nil,
        autoEject: Bool? = nil,
        retryTimeout: Duration? = nil,
        removeFailed: Int? = nil,
        failureLimit: Int? = nil,
        deadTimeout: Duration? = nil,
        ioMsgWatermark: Int? = nil,
        ioBytesWatermark: Int? = nil,
        ioKeyPrefetch: Int? = nil,
        hashWithPrefixKey: Bool? = nil,
        noreply: Bool? = nil,
        sortHosts: Bool? = nil,
        socketSendSize: Int? = nil,
        socketRecvSize: Int? = nil,
        namespace: String? = nil,
        tcpKeepidle: Duration? = nil
    ) {
        self.noBlock = noBlock
        self.tcpNodelay = tcpNodelay
        self.tcpKeepalive = tcpKeepalive
        self.hash = hash
        self.ketamaHash = ketamaHash
        self.ketama = ketama
        self.ketamaWeighted = ketamaWeighted
        self.distribution = distribution
        self.cas = cas
        self.bufferRequests = bufferRequests
        self.verifyKeys = verifyKeys
        self.connectTimeout = connectTimeout
        self.sendTimeout = sendTimeout
        self.receiveTimeout = receiveTimeout
        self.pollTimeout = pollTimeout
        self.numReplicas = numReplicas
        self.randomizeReplicaRead = randomizeReplicaRead
        self.autoEject = autoEject
        self.retryTimeout = retryTimeout
        self.removeFailed = removeFailed
        self.failureLimit = failureLimit
        self.deadTimeout = deadTimeout
        self.ioMsgWatermark = ioMsgWatermark
        self.ioBytesWatermark = ioBytesWatermark
        self.ioKeyPrefetch = ioKeyPrefetch
        self.hashWithPrefixKey = hashWithPrefixKey
        self.noreply = noreply
        self.sortHosts = sortHosts
        self.socketSendSize = socketSendSize
        self.socketRecvSize = socketRecvSize
        self.namespace = namespace
        self.tcpKeepidle = tcpKeepidle
    }
}
