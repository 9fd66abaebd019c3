/// How one server is set up: memcached's `stats settings`.
public struct ServerSettings: StatisticsTable, Hashable {
    /// The server's answer, by memcached's names.
    public let values: [String: String]

    /// Makes settings from a server's answer.
    public init(values: [String: String]) { self.values = values }

    /// How many bytes items may take.
    public var maxbytes: Int? { integer("maxbytes") }
    /// How many connections may be open.
    public var maxconns: Int? { integer("maxconns") }
    /// The TCP port, 0 for none.
    public var tcpport: Int? { integer("tcpport") }
    /// The UDP port, 0 for none.
    public var udpport: Int? { integer("udpport") }
    /// The addresses that the server listens on, nil for all.
    public var inter: String? { values["inter"].flatMap { $0 == "NULL" ? nil : $0 } }
    /// The unix socket that the server listens on, nil for none.
    public var domainSocket: String? { values["domain_socket"].flatMap { $0 == "NULL" ? nil : $0 } }
    /// How much the server writes to its log.
    public var verbosity: Int? { integer("verbosity") }
    /// Whether items are dropped for lack of memory.
    public var evictions: Bool? { flag("evictions") }
    /// Whether the server keeps versions of items.
    public var casEnabled: Bool? { flag("cas_enabled") }
    /// Whether clients have to authenticate themselves by SASL.
    public var authEnabledSASL: Bool? { flag("auth_enabled_sasl") }
    /// The protocols that the server speaks: `auto-negotiate`, `ascii` or `binary`.
    public var bindingProtocol: String? { values["binding_protocol"] }
    /// The largest size of an item in bytes, with its key and header.
    public var itemSizeMax: Int? { integer("item_size_max") }
    /// How many threads answer.
    public var numThreads: Int? { integer("num_threads") }
    /// Whether the server may be emptied.
    public var flushEnabled: Bool? { flag("flush_enabled") }
    /// By how much slab classes differ in size.
    public var growthFactor: Double? { number("growth_factor") }
}
