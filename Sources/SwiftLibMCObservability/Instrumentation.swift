#if Observability
    public import Logging
    public import Metrics
    public import SwiftLibMC
    public import Tracing

    /// An observer that makes metrics, traces and logs of the commands of a cache.
    ///
    /// ```swift
    /// let cache = try AsyncClient(cloning: client, observer: Instrumentation(servers: client.servers))
    /// ```
    ///
    /// Documentation/Observability.md lists them. It never passes on a value or a credential, and keys only where
    /// ``Options/keys`` says so.
    public final class Instrumentation: CommandCounter {
        /// What to make.
        public struct Options: Sendable {
            /// Whether to make metrics.
            public var metrics = true
            /// Whether to make spans.
            public var spans = true
            /// Whether to log.
            public var logs = true
            /// What spans and logs say about keys.
            public var keys = Keys.omitted
            /// The class of a key, such as `user` of `user:42`, for the metric of lookups; nil for none.
            ///
            /// At most 100 classes are counted separately, later ones as `other`.
            public var classify: (@Sendable (_ key: String) -> String?)?

            /// Makes metrics, spans and logs, without keys.
            public init() {}
        }

        /// What spans and logs say about keys, which may hold personal data.
        public enum Keys: Hashable, Sendable {
            /// Nothing.
            case omitted
            /// The class of the first key, from ``Options/classify``.
            case classified
            /// The first key as it is.
            case full
        }

        private let options: Options
        private let recorder: MetricsRecorder?
        private let ownTracer: (any Tracer)?
        private let ownLogger: Logger?

        /// Makes an observer; one may serve several clients.
        ///
        /// - Parameters:
        ///   - options: What to make.
        ///   - servers: The servers that count as available from the start. Others do after their first event.
        ///   - metrics: The factory of the metrics.
        ///   - tracer: Makes spans; nil for the tracer of the task, or else of the process.
        ///   - logger: Takes logs; nil for the logger of the task.
        public init(
            _ options: Options = Options(),
            servers: [Server] = [],
            metrics: any MetricsFactory = MetricsSystem.factory,
            tracer: (any Tracer)? = nil,
            logger: Logger? = nil
        ) {
            self.options = options
            recorder = options.metrics ? MetricsRecorder(metrics, servers, classify: options.classify) : nil
            ownTracer = tracer
            ownLogger = logger
        }

        /// Begins a span.
        public func began(_ request: MemcachedRequest) -> (any Sendable)? {
            recorder?.began()
            guard options.spans else { return nil }
            let tracer = self.tracer
            if tracer is NoOpTracer { return nil }
            return CommandSpan(request, by: tracer, key: key(request.keys.list.first?.text))
        }

        /// Ends the span, and counts and logs the result of the command.
        public func ended(_ event: CommandEvent, _ token: (any Sendable)?) {
            recorder?.ended(event)
            if let token { (token as? CommandSpan)?.end(event, withKeys: options.keys == .full) }
            if options.logs { log(event) }
        }

        /// Begins a command for which only metrics are made, none of them by the class of its key.
        public func began(_ operation: MemcachedOperation) -> Bool {
            guard options.classify == nil, !(options.spans && !(tracer is NoOpTracer)) else { return false }
            guard !(options.logs && logger.logLevel == .trace) else { return false }
            return recorder?.beganCounting() ?? true
        }

        /// Counts a command that succeeded.
        public func ended(_ numbers: CommandNumbers) { recorder?.ended(numbers) }

        /// Logs what has happened, and notes which servers are available.
        public func happened(_ event: ClientEvent) {
            recorder?.happened(event)
            if options.logs { log(event) }
        }

        private var tracer: any Tracer { ownTracer ?? InstrumentationSystem.tracer }

        private var logger: Logger { ownLogger ?? .current }

        private func key(_ key: @autoclosure () -> String?) -> String? {
            switch options.keys {
            case .omitted: nil
            case .classified: key().flatMap { options.classify?($0) }
            case .full: key()
            }
        }

        // MARK: - Logs

        private func log(_ event: CommandEvent) {
            let logger = self.logger
            if let error = event.error {
                log(error, of: event, at: .debug, logger)
            } else if !event.failures.isEmpty {
                for failure in event.failures { log(failure.error, of: event, at: .info, logger, failure.server) }
            } else {
                logger.trace("memcached command", metadata: metadata(event, event.server))
            }
        }

        private func log(
            _ error: MemcachedError,
            of event: CommandEvent,
            at level: Logger.Level,
            _ logger: Logger,
            _ server: Server? = nil
        ) {
            guard logger.logLevel <= level else { return }
            var metadata = metadata(event, server ?? error.server ?? event.server)
            metadata["memcached.error"] = "\(error.code.name)"
            if !error.isAboutValue { metadata["memcached.error.detail"] = "\(error.detail)" }
            logger.log(level: level, "memcached command failed", metadata: metadata)
        }

        private func metadata(_ event: CommandEvent, _ server: Server?) -> Logger.Metadata {
            var metadata: Logger.Metadata = [
                "memcached.operation": "\(event.operation.rawValue)", "memcached.keys": "\(event.keyCount)",
                "memcached.duration": "\(event.duration)",
            ]
            if let server { metadata["memcached.server"] = "\(server)" }
            if let key = key(event.firstKey) { metadata["memcached.key"] = "\(key)" }
            return metadata
        }

        private func log(_ event: ClientEvent) {
            let logger = self.logger
            switch event {
            case .serverGivenUp(let server):
                logger.debug("memcached server given up", metadata: ["memcached.server": "\(server)"])
            case .serverTriedAgain(let server):
                logger.debug("memcached server tried again", metadata: ["memcached.server": "\(server)"])
            case .serversChanged(let servers):
                logger.debug(
                    "memcached servers changed",
                    metadata: ["memcached.servers": .array(servers.map { "\($0)" })]
                )
            case .overloaded(let operation):
                logger.debug("memcached queue full", metadata: ["memcached.operation": "\(operation.rawValue)"])
            }
        }
    }

    extension MemcachedError {
        /// Whether its detail may contain a part of a value.
        var isAboutValue: Bool { code == .serialization || code == .deserialization }

        /// The error without anything that might reveal keys and values.
        var anonymous: MemcachedError {
            MemcachedError(
                code: code,
                operation: operation,
                detail: isAboutValue ? "" : detail,
                server: server,
                systemErrno: systemErrno,
                isOutcomeUnknown: isOutcomeUnknown
            )
        }
    }
#endif
