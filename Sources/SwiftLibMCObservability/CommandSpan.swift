#if Observability
    internal import SwiftLibMC
    internal import Tracing

    /// The span of one command, by OpenTelemetry's conventions for databases.
    struct CommandSpan: Sendable {
        private let span: any Span

        init(_ request: MemcachedRequest, by tracer: any Tracer, key: String?) {
            let name = CommandName(request.operation, keyCount: request.keys.count)
            span = tracer.startSpan(name.text, ofKind: .client)
            guard span.isRecording else { return }
            span.updateAttributes { attributes in
                attributes["db.system.name"] = "memcached"
                attributes["db.operation.name"] = name.text
                if name.isBatch { attributes["db.operation.batch.size"] = request.keys.count }
                if request.retry > 0 { attributes["memcached.retry"] = request.retry }
                if let key { attributes["db.query.text"] = "\(name.text) \(key)" }
            }
        }

        func end(_ event: CommandEvent, withKeys: Bool) {
            defer { span.end() }
            guard span.isRecording else { return }
            let error = event.error ?? event.failures.first?.error
            span.updateAttributes { attributes in
                if let server = event.server ?? error?.server { attributes.describe(server) }
                if event.hits + event.misses > 0 {
                    attributes["memcached.hits"] = event.hits
                    attributes["memcached.misses"] = event.misses
                }
                if let error { attributes["error.type"] = error.code.name }
            }
            if let error {
                span.recordError(withKeys ? error : error.anonymous)
                span.setStatus(SpanStatus(code: .error))
            }
        }
    }

    extension SpanAttributes {
        fileprivate mutating func describe(_ server: Server) {
            self["server.address"] = server.host
            switch server.transport {
            case .unix: self["network.transport"] = "unix"
            default: if let port = server.port, port != 11211 { self["server.port"] = port }
            }
        }
    }

    extension Server {
        /// The host, or the path of the unix socket.
        var host: String {
            switch transport {
            case .tcp(let host, _), .udp(let host, _): host
            case .unix(let path): path
            }
        }

        /// The port, where there is one.
        var port: Int? {
            switch transport {
            case .tcp(_, let port), .udp(_, let port): port
            case .unix: nil
            }
        }
    }
#endif
