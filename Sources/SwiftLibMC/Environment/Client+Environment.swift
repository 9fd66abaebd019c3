#if canImport(FoundationEssentials)
    internal import FoundationEssentials
#else
    internal import Foundation
#endif

extension Client {
    /// Makes a client from the environment of the process, like sprockets' client.
    ///
    /// | variable | meaning |
    /// |---|---|
    /// | `<PREFIX>_MEMCACHED_SERVERS`, else `MEMCACHED_SERVERS` | `host:port[:weight]` or a unix socket, and whatever else ``Server/init(parsing:)`` reads, separated by commas or blanks |
    /// | `…_USERNAME`, `…_PASSWORD` | SASL credentials; both or none |
    /// | `…_BEHAVIORS` | `tcp_nodelay=1,hash=md5`: ``Behaviors/init(_:)``'s names and values, separated by commas or semicolons; the rest is ``Behaviors/default`` |
    /// | `<PREFIX>_MEMCACHED_PROTOCOL`, else `MEMCACHED_PROTOCOL` | `binary`; `ascii`, also called `text`; or
    /// `automatic`, the best one for each command |
    /// | `MEMCACHIER_SERVERS`, `…_USERNAME`, `…_PASSWORD` | MemCachier's, where none of the above names servers |
    /// | `MEMCACHEDCLOUD_SERVERS`, `…_USERNAME`, `…_PASSWORD` | Memcached Cloud's, where MemCachier's are not set either |
    ///
    /// Without any the server is `127.0.0.1:11211`. The credentials of a hosted service are for its own servers only.
    /// Each command uses the protocol that suits it best, unless a variable or an address names one. A variable that is
    /// empty counts as not set, and blanks and line ends around a value are ignored, since secrets from files have
    /// them.
    ///
    /// - Parameter environment: The prefix, in capitals or not, nil for none; with `shop-eu` variables begin with
    ///   `SHOP_EU_`.
    /// - Throws: `.invalidServer`, quoting the entry; `.invalidArguments` for half of a pair of credentials, a behavior
    ///   that is wrong, or what can't be combined. The password is never quoted.
    public convenience init(environment: String?) throws(MemcachedError) {
        try self.init(environment: environment, variables: ProcessInfo.processInfo.environment)
    }

    /// Makes a client from these variables.
    ///
    /// - Parameters:
    ///   - environment: The prefix, in capitals or not; nil for none.
    ///   - variables: The variables, in place of those of the process; ``init(environment:)`` has their meaning.
    /// - Throws: As ``init(environment:)`` does.
    public convenience init(environment: String?, variables: [String: String]) throws(MemcachedError) {
        let settings = try EnvironmentSettings(prefix: environment, variables: variables)
        try self.init(
            servers: settings.servers,
            protocol: settings.wireProtocol,
            username: settings.username,
            password: settings.password,
            behaviors: settings.behaviors
        )
    }
}
