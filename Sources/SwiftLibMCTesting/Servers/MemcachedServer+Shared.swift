/// Servers for all tests that do not need one of their own.
extension MemcachedServer {
    private static let shared = Locked<[MemcachedOptions: MemcachedServer]>([:])

    /// The one server of this process with these options: `shared(.tcp)`, `shared(.unix)`, `shared(.sasl)`.
    ///
    /// It is started at first use and lives as long as the process. Use keys of your own (`uniqueKey`), and do nothing
    /// that other tests can notice: no flushing, stopping or suspending.
    public static func shared(_ options: MemcachedOptions) throws -> MemcachedServer {
        try shared.withLock { servers in
            if let server = servers[options] { return server }
            let server = try start(options)
            servers[options] = server
            return server
        }
    }
}
