#if Configuration
    internal import Configuration
    internal import SwiftLibMC

    /// Reads a configuration, and throws if a value is present but invalid.
    struct SettingsReader {
        private let config: ConfigSnapshotReader

        init(_ config: ConfigSnapshotReader) { self.config = config }

        // MARK: - Kinds of values

        func string(_ key: String, isSecret: Bool = false) throws(MemcachedError) -> String? {
            try value(key, "a text", isSecret: isSecret) { config.string(forKey: $0, isSecret: isSecret) }
        }

        func bool(_ key: String) throws(MemcachedError) -> Bool? {
            try value(key, "true or false") { config.bool(forKey: $0) }
        }

        func int(_ key: String, in range: ClosedRange<Int>) throws(MemcachedError) -> Int? {
            let expectation =
                range.upperBound == .max
                ? "a whole number, at least \(range.lowerBound)"
                : "a whole number from \(range.lowerBound) to \(range.upperBound)"
            guard let number = try value(key, expectation, { config.int(forKey: $0) }) else { return nil }
            guard range.contains(number) else { throw wrong(key, "\(number)", expectation) }
            return number
        }

        func choice<T>(_ key: String, of choices: [String: T]) throws(MemcachedError) -> T? {
            guard let name = try string(key) else { return nil }
            if let choice = choices[name] { return choice }
            throw wrong(key, name.debugDescription, choices.keys.sorted().joined(separator: " or "))
        }

        private func value<T>(
            _ key: String,
            _ expectation: String,
            isSecret: Bool = false,
            _ read: (ConfigKey) -> T?
        ) throws(MemcachedError) -> T? {
            let path = ConfigKey(key.split(separator: ".").map(String.init))
            if let value = read(path) { return value }
            guard let text = text(path, isSecret) else { return nil }
            throw wrong(key, isSecret ? "what it is" : text, expectation)
        }

        /// The value as text, whatever its type; nil if there is none.
        private func text(_ key: ConfigKey, _ isSecret: Bool) -> String? {
            if let text = config.string(forKey: key, isSecret: isSecret) { return text.debugDescription }
            if let number = config.int(forKey: key, isSecret: isSecret) { return "\(number)" }
            if let number = config.double(forKey: key, isSecret: isSecret) { return "\(number)" }
            if let bool = config.bool(forKey: key, isSecret: isSecret) { return "\(bool)" }
            return config.stringArray(forKey: key, isSecret: isSecret).map { "\($0)" }
        }

        /// The error of a client that refuses one of the behaviors, with the key and the value of that.
        func named(_ error: MemcachedError) -> MemcachedError {
            let names = Self.bools.map(\.0) + Self.ints.map(\.0) + Self.times.map(\.0) + ["distribution", "namespace"]
            func isRefused(_ name: String) -> Bool {
                let property = name.hasSuffix("Ms") ? name.dropLast(2) : name[...]
                return error.detail.hasPrefix("\(property) can't be ")
            }
            guard error.code == .invalidArguments, let name = names.first(where: isRefused) else { return error }
            let key = "behaviors.\(name)"
            let path = ConfigKey(["behaviors", name])
            return self.error(key, "can't be \(text(path, false) ?? "what it is"): \(error.detail)")
        }

        private func wrong(_ key: String, _ value: String, _ expectation: String) -> MemcachedError {
            error(key, "can't be \(value): it has to be \(expectation)")
        }

        private func error(
            _ key: String,
            _ problem: String,
            code: MemcachedError.Code = .invalidArguments
        ) -> MemcachedError {
            MemcachedError(code: code, operation: "init(config:)", detail: "the configuration key \(key) \(problem)")
        }

        // MARK: - Servers

        /// The servers as text; nil if there are none.
        func names() throws(MemcachedError) -> [String]? {
            try value("servers", "a list of addresses") { config.stringArray(forKey: $0) }
        }

        func servers() throws(MemcachedError) -> [Server] {
            var servers: [Server] = []
            for name in try names() ?? ["127.0.0.1:11211"] {
                do throws(MemcachedError) {
                    servers.append(try Server(parsing: name))
                } catch {
                    throw self.error("servers", "is wrong: \(error.detail)", code: error.code)
                }
            }
            guard !servers.isEmpty else { throw error("servers", "names no server", code: .invalidServer) }
            return servers
        }

        // MARK: - Behaviors

        private typealias Names<T> = [(String, WritableKeyPath<Behaviors, T?>)]

        private static var bools: Names<Bool> {
            [
                ("noBlock", \.noBlock), ("tcpNodelay", \.tcpNodelay), ("tcpKeepalive", \.tcpKeepalive),
                ("ketama", \.ketama), ("ketamaWeighted", \.ketamaWeighted), ("cas", \.cas),
                ("bufferRequests", \.bufferRequests), ("verifyKeys", \.verifyKeys),
                ("randomizeReplicaRead", \.randomizeReplicaRead), ("autoEject", \.autoEject),
                ("hashWithPrefixKey", \.hashWithPrefixKey), ("noreply", \.noreply), ("sortHosts", \.sortHosts),
            ]
        }
        private static var ints: Names<Int> {
            [
                ("numReplicas", \.numReplicas), ("removeFailed", \.removeFailed), ("failureLimit", \.failureLimit),
                ("ioMsgWatermark", \.ioMsgWatermark), ("ioBytesWatermark", \.ioBytesWatermark),
                ("ioKeyPrefetch", \.ioKeyPrefetch), ("socketSendSize", \.socketSendSize),
                ("socketRecvSize", \.socketRecvSize),
            ]
        }
        private static var times: Names<Duration> {
            [
                ("connectTimeoutMs", \.connectTimeout), ("sendTimeoutMs", \.sendTimeout),
                ("receiveTimeoutMs", \.receiveTimeout), ("pollTimeoutMs", \.pollTimeout),
                ("retryTimeoutMs", \.retryTimeout), ("deadTimeoutMs", \.deadTimeout), ("tcpKeepidleMs", \.tcpKeepidle),
            ]
        }

        func behaviors() throws(MemcachedError) -> Behaviors {
            var behaviors = try namedBehaviors()
            for (name, path) in Self.bools { behaviors[keyPath: path] = try bool("behaviors.\(name)") }
            for (name, path) in Self.ints { behaviors[keyPath: path] = try int("behaviors.\(name)", in: 0...Int.max) }
            for (name, path) in Self.times {
                behaviors[keyPath: path] = try int("behaviors.\(name)", in: 0...Int.max).map { .milliseconds($0) }
            }
            behaviors.namespace = try string("behaviors.namespace")
            return behaviors
        }

        /// The behaviors whose values are pylibmc's names.
        private func namedBehaviors() throws(MemcachedError) -> Behaviors {
            var names: [String: String] = [:]
            for (key, name) in [("hash", "hash"), ("ketamaHash", "ketama_hash"), ("distribution", "distribution")] {
                guard let text = try string("behaviors.\(key)") else { continue }
                do throws(MemcachedError) {
                    _ = try Behaviors([name: text])
                } catch {
                    throw self.error("behaviors.\(key)", "is wrong: \(error.detail)")
                }
                names[name] = text
            }
            return try Behaviors(names)
        }
    }
#endif
