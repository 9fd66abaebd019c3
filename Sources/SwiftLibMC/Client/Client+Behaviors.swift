extension Client {
    /// The behaviors as they are, with libmemcached's own values where none was set: pylibmc's `behaviors`.
    ///
    /// Read only: a Swift setter can't throw; see ``setBehaviors(_:)``.
    public final var behaviors: Behaviors { handle.behaviors }

    /// Applies those behaviors that are not nil; pylibmc's `set_behaviors`.
    ///
    /// The client starts anew with them: connections are closed, and keys may live elsewhere after a change of
    /// placement. On an error nothing has changed.
    ///
    /// - Throws: `.invalidArguments`, or libmemcached's code, naming the behavior and why it is refused.
    public final func setBehaviors(_ behaviors: Behaviors) throws(MemcachedError) {
        var configuration = handle.configuration
        configuration.behaviors = configuration.behaviors.merging(behaviors)
        try handle.reconfigure(configuration)
        hasNewConfiguration = true
    }
}
