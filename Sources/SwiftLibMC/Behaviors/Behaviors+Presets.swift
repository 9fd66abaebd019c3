extension Behaviors {
    /// What a client is made with unless told otherwise: settings for production.
    ///
    /// Placement is left to libmemcached and so is pylibmc's own: both find the same keys on the same servers. Every
    /// wait has an end.
    ///
    /// | setting | value | reason |
    /// |---|---|---|
    /// | ``tcpNodelay`` | `true` | without it multi-gets with a miss take 40 ms, and large values 10 ms more |
    /// | ``tcpKeepalive`` | `true` | firewalls drop idle connections silently, which the next call would wait for |
    /// | ``tcpKeepidle`` | 60 s | the system's two hours are longer than firewalls keep idle connections |
    /// | ``cas`` | `true` | in the ASCII protocol CAS tokens would read as zero |
    /// | ``connectTimeout`` | 500 ms | libmemcached's 4 s are longer than most callers can wait for a cache |
    /// | ``pollTimeout`` | 500 ms | the same, instead of 5 s; a healthy server answers within milliseconds |
    /// | ``retryTimeout`` | 1 s | a restarted server is used again soon; zero acts as up to 1 s anyway |
    /// | ``deadTimeout`` | 30 s | with libmemcached's zero, servers once removed never come back |
    /// | ``ioMsgWatermark``, ``ioBytesWatermark`` | 4294967295 | below, libmemcached drops the results of writes |
    ///
    /// ``removeFailed`` is off, because with libmemcached's placement no key would move; see ``failover``.
    public static let `default` = Behaviors(
        tcpNodelay: true,
        tcpKeepalive: true,
        cas: true,
        connectTimeout: .milliseconds(500),
        pollTimeout: .milliseconds(500),
        retryTimeout: .seconds(1),
        deadTimeout: .seconds(30),
        ioMsgWatermark: noWatermark,
        ioBytesWatermark: noWatermark,
        tcpKeepidle: .seconds(60)
    )

    /// ``default`` for several servers, where the others take over the keys of one that fails.
    ///
    /// Keys are placed by ketama: pylibmc and other clients find them only with the same setting.
    ///
    /// | setting | value | reason |
    /// |---|---|---|
    /// | ``ketama`` | `true` | only the keys of the failed server move; with `modula` none would |
    /// | ``removeFailed`` | 1 | failed servers are left out |
    /// | ``failureLimit`` | 1 | 2 takes two seconds longer, libmemcached's 5 far longer |
    /// | ``pollTimeout`` | 400 ms | a server that hangs is left out after two time-outs: within a second |
    /// | ``retryTimeout`` | 1 s | longer would keep the first failures from adding up |
    /// | ``deadTimeout`` | 2 s | the server is soon used again after its return |
    ///
    /// A server that refuses connections costs no failed call, one that hangs two time-outs. While it stays away, one
    /// call every three seconds tries it again, and fails if it hangs or has vanished from the network, after a
    /// time-out: where that happens, a longer ``deadTimeout`` is better.
    public static let failover = Behaviors.default.merging(
        Behaviors(
            ketama: true,
            pollTimeout: .milliseconds(400),
            retryTimeout: .seconds(1),
            removeFailed: 1,
            failureLimit: 1,
            deadTimeout: .seconds(2)
        )
    )

    /// ``default`` with python-memcached's placement, so that both find the same keys on the same servers.
    ///
    /// That is ``Hash/crc`` with ``Distribution/modula``. The servers have to be listed in the same order. With weights
    /// use ``PythonMemcachedSelector``, because libmemcached's `modula` does not heed them.
    public static let pythonMemcached = Behaviors.default.merging(Behaviors(hash: .crc, distribution: .modula))

    /// The watermark that libmemcached never reaches, the largest one it can hold.
    static let noWatermark = Int(UInt32.max)
}
