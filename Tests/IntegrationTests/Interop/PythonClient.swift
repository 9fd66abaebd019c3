import TestSupport

/// A client in Python.
struct PythonClient: Hashable, Sendable {
    /// The libraries, with what decides on the form of their values.
    enum Library: String, CaseIterable, Sendable {
        case pylibmc, pylibmcBinary, pylibmcFromSource, pylibmcFromSourceBinary
        case memcache
        case pymemcache, pymemcachePickling, pymemcacheCompressing
        case bmemcached

        /// pylibmc of both environments, in both protocols.
        static let allOfPylibmc: [Self] = [.pylibmc, .pylibmcBinary, .pylibmcFromSource, .pylibmcFromSourceBinary]

        fileprivate var parts: (environment: Python.Environment, module: String, options: String) {
            switch self {
            case .pylibmc: (.wheel, "pylibmc", "{'behaviors': {'cas': 1}}")
            case .pylibmcBinary: (.wheel, "pylibmc", "{'binary': True, 'behaviors': {'cas': 1}}")
            case .pylibmcFromSource: (.source, "pylibmc", "{'behaviors': {'cas': 1}}")
            case .pylibmcFromSourceBinary: (.source, "pylibmc", "{'binary': True, 'behaviors': {'cas': 1}}")
            case .memcache: (.wheel, "memcache", "{'cache_cas': True}")
            case .pymemcache: (.wheel, "pymemcache", "{}")
            case .pymemcachePickling: (.wheel, "pymemcache", "{'serde': 'pickle'}")
            case .pymemcacheCompressing: (.wheel, "pymemcache", "{'serde': 'compressed'}")
            case .bmemcached: (.wheel, "bmemcached", "{}")
            }
        }
    }

    let environment: Python.Environment
    /// What `helper.py` calls the library.
    let module: String
    /// A list in Python's notation.
    let servers: String
    /// A dictionary in Python's notation: more arguments of the client.
    let options: String

    init(_ library: Library, _ server: MemcachedServer) {
        (environment, module, options) = library.parts
        servers = "\([server.address])"
    }

    /// pylibmc's client, made with behaviors.
    init(pylibmc environment: Python.Environment, servers: [String], behaviors: [String: String], binary: Bool = false)
    {
        self.environment = environment
        module = "pylibmc"
        self.servers = "\(servers)"
        options = "{'binary': \(binary ? "True" : "False"), 'behaviors': \(Self.notation(of: behaviors))}"
    }

    /// Behaviors as a dictionary in Python's notation.
    static func notation(of behaviors: [String: String]) -> String {
        let entries = behaviors.sorted { $0.key < $1.key }.map { name, value in
            if name == "namespace" { return "'namespace': b'\(value)'" }
            return "'\(name)': \(Int(value) == nil ? "'\(value)'" : value)"
        }
        return "{\(entries.joined(separator: ", "))}"
    }

    /// Any client, with arguments in Python's notation.
    init(_ environment: Python.Environment, _ module: String, servers: String, options: String = "{}") {
        self.environment = environment
        self.module = module
        self.servers = servers
        self.options = options
    }

    /// The value of an expression about `client`.
    @discardableResult
    func callAsFunction(_ code: String, _ values: [String: PythonValue] = [:]) throws -> PythonValue {
        try Python.shared(environment).evaluate(code, values, client: self)
    }

    /// Reads a value.
    func get(_ key: String) throws -> PythonValue { try self("client.get(key)", ["key": .text(key)]) }

    /// Stores a value, with more arguments in Python's notation; whether it did.
    func set(_ key: String, _ value: PythonValue, _ arguments: String = "") throws -> Bool {
        try self("bool(client.set(key, value, \(arguments)))", ["key": .text(key), "value": value]) == .yes
    }
}

extension PythonClient: Encodable {
    private enum CodingKeys: String, CodingKey {
        case module = "library"
        case servers, options
    }
}
