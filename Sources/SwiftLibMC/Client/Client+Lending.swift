extension Client {
    /// All that somebody may change who is lent a client.
    struct State: Sendable {
        fileprivate let settings: Settings
        fileprivate let configuration: Configuration
    }

    /// What the client is like now.
    final var state: State { State(settings: settings, configuration: handle.configuration) }

    /// Whether somebody who was lent the client has left something in it.
    final var isChanged: Bool { hasNewSettings || hasNewConfiguration || !seenVersions.isEmpty }

    /// Undoes what somebody has changed who was lent the client.
    ///
    /// Connections stay, unless servers, behaviors or the selector are others. Servers that a cluster has got since are
    /// caught up with the next time.
    ///
    /// - Throws: If memory runs out; then the client is no longer what it was.
    final func restore(_ own: State) throws(MemcachedError) {
        settings = own.settings
        seenVersions.removeAll()
        if hasNewConfiguration { try handle.reconfigure(own.configuration) }
        hasNewSettings = false
        hasNewConfiguration = false
    }
}
