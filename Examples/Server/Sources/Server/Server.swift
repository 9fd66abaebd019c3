import App
import Configuration
import Hummingbird
import Logging
import Metrics
import ServiceLifecycle
import SwiftLibMC
import SwiftLibMCObservability
import SwiftLibMCServices

/// The service: `MEMCACHED_SERVERS` says where the cache is, `HTTP_PORT` where the service listens.
@main
enum Server {
    static func main() async throws {
        let metrics = TextMetrics()
        MetricsSystem.bootstrap(metrics)
        let logger = Logger(label: "server")
        let config = ConfigReader(provider: EnvironmentVariablesProvider())

        let settings = config.scoped(to: "memcached")
        let client = try Client(config: settings)
        // Without the cache the service is slower, but not down.
        client.errorPolicy = .missing
        client.onError = { logger.info("cache: \($0)") }
        // Hit ratios for each kind of key, such as "article".
        var telemetry = Instrumentation.Options()
        telemetry.classify = { key in key.split(separator: ":").first.map(String.init) }
        let observer = Instrumentation(telemetry, servers: client.servers)
        let cache = try AsyncClient(cloning: client, config: settings, observer: observer)
        let router = makeRouter(
            cache: cache,
            health: { await cache.health(timeout: .milliseconds(500)).status },
            metrics: metrics
        )
        let app = Application(
            router: router,
            configuration: ApplicationConfiguration(
                address: .hostname("127.0.0.1", port: config.int(forKey: "http.port", default: 8080))
            ),
            logger: logger
        )
        // Shut down in the reverse order: first the application, then the cache, which finishes what is waiting.
        let group = ServiceGroup(
            services: [cache, app],
            gracefulShutdownSignals: [.sigterm, .sigint],
            logger: logger
        )
        try await group.run()
    }
}
