// MARK: - Laying settings over others

extension Behaviors {
    /// These settings, with those that are set in `other` in place of their own.
    ///
    /// Some settings say the same thing in different ways. Where `other` says it, none of these stays to contradict it.
    ///
    /// ```swift
    /// let behaviors = Behaviors.failover.merging(Behaviors(namespace: "shop:"))
    /// ```
    ///
    /// - Parameter other: The settings to lay over these.
    /// - Returns: The settings of both.
    public func merging(_ other: Behaviors) -> Behaviors {
        var merged = self
        if other.ketamaWeighted == true {
            // Its MD5 replaces the hashes of before, as in pylibmc.
            (merged.hash, merged.ketamaHash) = (nil, nil)
        } else if ketamaWeighted == true, other.placement != nil || other.ketamaWeighted == false {
            // It goes, and its MD5 stays.
            (merged.hash, merged.ketamaHash) = (hash ?? .md5, ketamaHash ?? .md5)
        }
        if other.placement != nil {
            (merged.ketama, merged.ketamaWeighted, merged.distribution) = (nil, nil, nil)
        } else if other.ketamaWeighted == false && placement == .consistentWeighted {
            (merged.ketama, merged.distribution) = (nil, .consistentKetama)
        }
        if other.removesFailedServers != nil {
            (merged.autoEject, merged.removeFailed) = (nil, nil)
        }
        for setting in Setting.all { setting.copy(other, &merged) }
        return merged
    }

    /// These settings, with those that are nil taken from `defaults`.
    func filling(from defaults: Behaviors) -> Behaviors { defaults.merging(self) }
}

// MARK: - What settings say together

extension Behaviors {
    /// What ``ketama``, ``ketamaWeighted`` and ``distribution`` say together, each overriding those before it, as in
    /// pylibmc; nil where they are silent.
    ///
    /// Setting this distribution alone avoids a surprise: libmemcached turns ketama on when it is told not to weight.
    var placement: Distribution? {
        if let distribution { return distribution }
        if ketamaWeighted == true { return .consistentWeighted }
        return ketama.map { $0 ? .consistentKetama : .modula }
    }

    /// What ``autoEject`` and ``removeFailed`` say together, the latter overriding the former, as in pylibmc; nil where
    /// both are silent.
    var removesFailedServers: Bool? { removeFailed.map { $0 > 0 } ?? autoEject }

    /// The shortest of the three times that bound a wait, nil where none is set.
    ///
    /// libmemcached heeds ``pollTimeout`` only, for sending as well as for receiving.
    var effectivePollTimeout: Duration? { [pollTimeout, sendTimeout, receiveTimeout].compactMap(\.self).min() }
}
