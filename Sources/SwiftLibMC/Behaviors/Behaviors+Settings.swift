extension Behaviors {
    /// One setting: its name in pylibmc and how its value is read from and written as text.
    ///
    /// The list ``all`` is the only place that knows every setting besides the structure itself.
    struct Setting: Sendable {
        /// pylibmc's name, with the leading underscore of hidden ones.
        let name: String
        /// What a value has to look like, as the end of a sentence.
        let expectation: String
        /// Reads a value into the settings; false if the text is not a value.
        let read: @Sendable (_ text: String, _ into: inout Behaviors) -> Bool
        /// The value as text, nil where it is not set.
        let text: @Sendable (_ of: Behaviors) -> String?
        /// Copies the value, where it is set.
        let copy: @Sendable (_ from: Behaviors, _ into: inout Behaviors) -> Void

        private init<Value>(
            _ name: String,
            _ property: any WritableKeyPath<Behaviors, Value?> & Sendable,
            _ format: Format<Value>
        ) {
            self.name = name
            expectation = format.expectation
            read = { text, behaviors in
                guard let value = format.parse(text) else { return false }
                behaviors[keyPath: property] = value
                return true
            }
            text = { behaviors in behaviors[keyPath: property].map(format.print) }
            copy = { source, target in
                if let value = source[keyPath: property] { target[keyPath: property] = value }
            }
        }

        /// Every setting, with pylibmc's names and units.
        static let all: [Setting] = [
            Setting("no_block", \.noBlock, .bool),
            Setting("tcp_nodelay", \.tcpNodelay, .bool),
            Setting("tcp_keepalive", \.tcpKeepalive, .bool),
            Setting("hash", \.hash, .name()),
            Setting("ketama_hash", \.ketamaHash, .name()),
            Setting("ketama", \.ketama, .bool),
            Setting("ketama_weighted", \.ketamaWeighted, .bool),
            Setting("distribution", \.distribution, .name()),
            Setting("cas", \.cas, .bool),
            Setting("buffer_requests", \.bufferRequests, .bool),
            Setting("verify_keys", \.verifyKeys, .bool),
            Setting("connect_timeout", \.connectTimeout, .time(in: .milliseconds)),
            Setting("send_timeout", \.sendTimeout, .time(in: .microseconds)),
            Setting("receive_timeout", \.receiveTimeout, .time(in: .microseconds)),
            Setting("_poll_timeout", \.pollTimeout, .time(in: .milliseconds)),
            Setting("num_replicas", \.numReplicas, .number),
            Setting("randomize_replica_read", \.randomizeReplicaRead, .bool),
            Setting("auto_eject", \.autoEject, .bool),
            Setting("retry_timeout", \.retryTimeout, .time(in: .seconds)),
            Setting("remove_failed", \.removeFailed, .number),
            Setting("failure_limit", \.failureLimit, .number),
            Setting("dead_timeout", \.deadTimeout, .time(in: .seconds)),
            Setting("_io_msg_watermark", \.ioMsgWatermark, .number),
            Setting("_io_bytes_watermark", \.ioBytesWatermark, .number),
            Setting("_io_key_prefetch", \.ioKeyPrefetch, .number),
            Setting("_hash_with_prefix_key", \.hashWithPrefixKey, .bool),
            Setting("_noreply", \.noreply, .bool),
            Setting("_sort_hosts", \.sortHosts, .bool),
            Setting("_socket_send_size", \.socketSendSize, .number),
            Setting("_socket_recv_size", \.socketRecvSize, .number),
            Setting("namespace", \.namespace, .text),
            Setting("tcp_keepidle", \.tcpKeepidle, .time(in: .seconds)),
        ]
    }

    /// How the values of one type are read from and written as text.
    struct Format<Value>: Sendable {
        /// What a value has to look like, as the end of a sentence.
        let expectation: String
        /// The value that a text stands for.
        let parse: @Sendable (String) -> Value?
        /// The text that stands for a value.
        let print: @Sendable (Value) -> String
    }

    /// A name without the differences between its spellings: letter case, blanks, underscores and hyphens.
    static func folded(_ name: String) -> String {
        name.lowercased().filter { !" _-".contains($0) }
    }
}

// MARK: - Formats

extension Behaviors.Format where Value == Bool {
    static var bool: Self {
        Self(
            expectation: "1, 0, true, false, yes, no, on or off",
            parse: { text in
                switch text.lowercased() {
                case "1", "true", "yes", "on": true
                case "0", "false", "no", "off": false
                default: nil
                }
            },
            print: { $0 ? "1" : "0" }
        )
    }
}

extension Behaviors.Format where Value == Int {
    static var number: Self {
        Self(expectation: "a whole number", parse: { Int($0) }, print: { String($0) })
    }
}

extension Behaviors.Format where Value == Duration {
    static func time(in unit: TimeUnit) -> Self {
        Self(
            expectation: "a whole number of \(unit)",
            parse: { Int($0).map(unit.duration) },
            print: { String($0.roundedUp(to: unit)) }
        )
    }
}

extension Behaviors.Format where Value == String {
    static var text: Self {
        Self(expectation: "text", parse: { $0 }, print: { $0 })
    }
}

extension Behaviors.Format where Value: CaseIterable & RawRepresentable<Int> & Sendable {
    /// One of pylibmc's names, or libmemcached's number.
    static func name() -> Self {
        Self(
            expectation: Value.allCases.map(pylibmcName).joined(separator: ", "),
            parse: { text in
                Value.allCases.first { Behaviors.folded("\($0)") == Behaviors.folded(text) }
                    ?? Int(text).flatMap(Value.init(rawValue:))
            },
            print: pylibmcName
        )
    }

    /// The name of the case with a blank before each capital letter: `consistent ketama`.
    @Sendable private static func pylibmcName(_ value: Value) -> String {
        String("\(value)".flatMap { $0.isUppercase ? " \($0.lowercased())" : String($0) })
    }
}
