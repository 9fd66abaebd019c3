// MARK: - Laying settings over others

extension Behaviors {
    /// These settings, with those that are set in `other` in place of their own.
    ///
    /// Some settings say the same thing in different ways. Where `other` sets one of them, the alternatives here are
    /// dropped, so as not to contradict it.
    ///
    /// ```swift
    /// let behaviors = Behaviors.failover.merging(Behaviors(namespace: "shop:"))
    /// ```
    ///
    /// - Parameter other: The settings to lay over these.
    /// - Returns: The settings of both.
    public func merging(_ other: Behaviors) -> Behaviors {
        var merged = overlaid(with: other)
        if other.removesFailedServers != nil {
            (merged.autoEject, merged.removeFailed) = (other.autoEject, other.removeFailed)
        }
        let placement = KeyPlacement(self).changed(by: other)
        if KeyPlacement(merged) != placement { merged.state(placement) }
        return merged
    }

    private func overlaid(with other: Behaviors) -> Behaviors {
        var overlaid = self
        for setting in Setting.all { setting.copy(other, &overlaid) }
        overlaid.hashesPrevail = other.hashesPrevail
        return overlaid
    }

    /// These settings, with those that are nil taken from `defaults`.
    func filling(from defaults: Behaviors) -> Behaviors { defaults.merging(self) }
}

// MARK: - Settings combined

extension Behaviors {
    /// What ``ketama``, ``ketamaWeighted`` and ``distribution`` mean together; nil where none is set.
    var placement: Distribution? { KeyPlacement(self).distribution }

    /// What ``autoEject`` and ``removeFailed`` mean together, the latter overriding the former, as in pylibmc; nil
    /// where neither is set.
    var removesFailedServers: Bool? { removeFailed.map { $0 > 0 } ?? autoEject }

    /// The shortest of the three times that bound a wait, nil where none is set.
    ///
    /// libmemcached heeds ``pollTimeout`` only, for sending as well as for receiving.
    var effectivePollTimeout: Duration? { [pollTimeout, sendTimeout, receiveTimeout].compactMap(\.self).min() }
}
