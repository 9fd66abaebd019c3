/// Everything a handle is made from.
///
/// Clones share it, so they place keys exactly alike.
struct Configuration: Sendable {
    var servers: [Server] { didSet { route() } }
    /// Which protocol the client was told to speak.
    var choice: MemcachedProtocol
    /// The server for which the client switched to the text protocol, since it speaks nothing else; nil if there is none.
    var textOnlyServer: Server?
    var isBinary: Bool { choice != .text && textOnlyServer == nil }
    var credentials: Credentials?
    var behaviors: Behaviors { didSet { if hasTunnels { route() } } }
    /// Chooses the servers of keys in place of a hash and a distribution.
    var selector: (any ServerSelector)? { didSet { route() } }
    /// The selector at work with these servers.
    private(set) var router: Router?
    /// Why there is no router although there has to be one.
    private var routingProblem: MemcachedError?

    init(servers: [Server], choice: MemcachedProtocol, credentials: Credentials?, behaviors: Behaviors) {
        self.servers = servers
        self.choice = choice
        self.credentials = credentials
        self.behaviors = behaviors
        if hasTunnels { route() }
    }

    /// The configuration of a client with these arguments; a protocol in a server's address has precedence over
    /// `choice`.
    init(
        _ servers: [Server],
        _ choice: MemcachedProtocol,
        _ credentials: Credentials?,
        _ behaviors: Behaviors
    ) throws(MemcachedError) {
        self.init(
            servers: servers.withoutProtocols,
            choice: try servers.wireProtocol(unlessSaid: choice),
            credentials: credentials,
            behaviors: behaviors.filling(from: .default)
        )
    }

    private mutating func route() {
        (router, routingProblem) = (nil, nil)
        guard servers.count > 1 else { return }
        if let selector {
            router = Router(selector, among: servers)
        } else if hasTunnels {
            do throws(MemcachedError) {
                router = Router(try Placement(validated: withoutTunnels), among: servers)
            } catch {
                routingProblem = error
            }
        }
    }

    /// Whether any server gets a user name and a password, from the client or from a forwarder.
    fileprivate var hasCredentials: Bool { credentials != nil || servers.contains { $0.tunnel?.logsIn == true } }

    /// Refuses settings that libmemcached would crash on, ignore, or get wrong.
    func validate() throws(MemcachedError) {
        guard !servers.isEmpty else {
            throw MemcachedError(code: .noServers, operation: "init", detail: "the list of servers is empty")
        }
        for server in servers { try server.validate() }
        if let routingProblem { throw routingProblem }
        if hasTunnels, behaviors.sortHosts == true {
            throw Self.refusal("sortHosts can't be combined with servers behind a forwarder: give them in their order")
        }
        try behaviors.validate(servers: servers, isBinary: isBinary, hasCredentials: credentials != nil)
        guard selector != nil else { return }
        if let placement = behaviors.placement, placement != .modula {
            throw Self.refusal("a selector chooses the servers, so the distribution \(placement) can't")
        }
        if behaviors.sortHosts == true {
            throw Self.refusal("sortHosts can't be combined with a selector, which is given the servers in their order")
        }
    }

    private static func refusal(_ detail: String) -> MemcachedError {
        MemcachedError(code: .invalidArguments, operation: .create, detail: detail)
    }
}

extension Handle {
    /// The parts of a configuration that decide how each single call goes.
    struct Traits {
        let isBinary: Bool
        let usesUDP: Bool
        /// Whether writes ask for no reply even if a call does not say so: by the behavior, or because datagrams get
        /// none.
        let isQuiet: Bool
        /// Whether libmemcached moves the keys of a failed server to the others.
        let ejectsServers: Bool
        let keyRules: KeyRules
        /// What libmemcached puts before each key.
        let namespace: [UInt8]
        /// Whether servers are asked what they speak before they are sent anything in the binary protocol.
        let meetsServers: Bool
        /// Whether some commands go in the text protocol, while others go in the binary one.
        let usesBothProtocols: Bool

        init(_ configuration: Configuration) {
            isBinary = configuration.isBinary
            usesUDP = configuration.servers.contains(where: \.isUDP)
            isQuiet = usesUDP || configuration.behaviors.noreply == true
            ejectsServers = configuration.behaviors.removesFailedServers == true
            namespace = Array((configuration.behaviors.namespace ?? "").utf8)
            // Text has no user names.
            meetsServers = configuration.choice == .automatic && isBinary && !usesUDP && !configuration.hasCredentials
            // Where keys live nowhere in particular there is nothing to gain; and text has no namespaces with blanks.
            usesBothProtocols =
                meetsServers && configuration.behaviors.placement != .random
                && namespace.withRawSpan { $0.hasNoBlanks }
            keyRules = KeyRules(
                maximumLength: KeyRules.longestKey - namespace.count,
                isText: !configuration.isBinary
            )
        }

        /// Whether a command asks for no reply even if a call does not say so.
        ///
        /// `add` and `replace` are called for their answer, so that the behavior does not apply to them.
        @inline(__always)
        func isQuiet(_ command: StoreCommand) -> Bool {
            isQuiet && (usesUDP || (command != .add && command != .replace))
        }
    }
}
