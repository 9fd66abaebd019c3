extension Behaviors {
    /// Reads settings by pylibmc's names and in its units, as they stand in a configuration or an environment variable.
    ///
    /// ```swift
    /// try Behaviors(["tcp_nodelay": "1", "hash": "md5", "connect_timeout": "200"])
    /// ```
    ///
    /// - `connect_timeout` and `_poll_timeout` are milliseconds, `send_timeout` and `receive_timeout` microseconds,
    ///   `retry_timeout`, `dead_timeout` and `tcp_keepidle` seconds.
    /// - A Boolean is `1`, `true`, `yes` or `on`, or one of their opposites.
    /// - Hashes and distributions have pylibmc's names, such as `fnv1a_32` and `consistent ketama`, or libmemcached's
    ///   numbers.
    ///
    /// Letter case does not matter in them, nor do blanks and underscores, not even those before pylibmc's hidden
    /// names. ``randomizeReplicaRead`` and ``tcpKeepidle``, which pylibmc lacks, are `randomize_replica_read` and
    /// `tcp_keepidle`. Whether the values are allowed is checked when they are applied to a client.
    ///
    /// - Throws: ``MemcachedError`` with code ``MemcachedError/Code/invalidArguments`` for a name that is unknown, with
    ///   the list of those that are known, for one that is given in two spellings, and for text that is not a value.
    public init(_ dictionary: [String: String]) throws(MemcachedError) {
        self.init()
        // In order, for the same error every time.
        let entries = dictionary.sorted { $0.key < $1.key }
        let unknown = entries.map(\.key).filter { Setting.byFoldedName[Self.folded($0)] == nil }
        guard unknown.isEmpty else {
            let known = Setting.all.map(\.name).joined(separator: ", ")
            throw Self.malformed("unknown behaviors: \(unknown.joined(separator: ", ")); known ones: \(known)")
        }
        var seen: Set<String> = []
        for (name, value) in entries {
            guard let setting = Setting.byFoldedName[Self.folded(name)] else { continue }
            guard seen.insert(setting.name).inserted else {
                throw Self.malformed("the behavior \(setting.name) is there twice, in different spellings")
            }
            guard setting.read(value, &self) else {
                throw Self.malformed(
                    "the behavior \(name) can't be \(value.debugDescription): it has to be \(setting.expectation)"
                )
            }
        }
    }

    /// The settings that are not nil, by pylibmc's names, in its spelling and units: the reverse of ``init(_:)``.
    ///
    /// Times are rounded up to whole units. `ketama_weighted` is left out where weights count with another hash than
    /// MD5, as after `{"ketama": 1}` with weights: in a dictionary it would bring MD5 back.
    public var pylibmcDictionary: [String: String] {
        var said = self
        if hashesPrevail { said.ketamaWeighted = nil }
        var dictionary: [String: String] = [:]
        for setting in Setting.all { dictionary[setting.name] = setting.text(said) }
        return dictionary
    }

    private static func malformed(_ detail: String) -> MemcachedError {
        MemcachedError(code: .invalidArguments, operation: "Behaviors(_:)", detail: detail)
    }
}

extension Behaviors.Setting {
    /// The settings by their names as ``Behaviors/folded(_:)`` makes them.
    fileprivate static let byFoldedName = Dictionary(
        uniqueKeysWithValues: all.map { (Behaviors.folded($0.name), $0) }
    )
}
