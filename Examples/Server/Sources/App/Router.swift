import Hummingbird
import NIOCore
import SwiftLibMC
import SwiftLibMCHummingbird

/// What is known about a request, including who has sent it.
public struct AppContext: RequestContext {
    /// What Hummingbird itself needs.
    public var coreContext: CoreRequestContextStorage
    let address: String?

    /// Keeps the client's address.
    public init(source: ApplicationRequestContextSource) {
        coreContext = CoreRequestContextStorage(source: source)
        address = source.channel.remoteAddress?.ipAddress
    }
}

/// The routes of the service, for an `AsyncClient` or, in tests, a mock.
public func makeRouter(
    cache: any AsyncMemcachedCommands,
    health: @escaping @Sendable () async -> Health.Status,
    metrics: TextMetrics
) -> Router<AppContext> {
    let router = Router(context: AppContext.self)

    // For probes and for Prometheus, without limits.
    router.get("health/live") { _, _ in HTTPResponse.Status.ok }
    router.get("health/ready") { _, _ -> EditedResponse<String> in
        let status = await health()
        // If some servers are missing, the service is slower; if all are, there are no sessions.
        return EditedResponse(status: status == .unavailable ? .serviceUnavailable : .ok, response: status.rawValue)
    }
    router.get("metrics") { _, _ in metrics.text }

    let limited = router.group().add(
        middleware: RateLimitMiddleware(cache, limit: 100, per: .seconds(60)) { _, context in context.address }
    )
    Articles(cache: cache).addRoutes(to: limited.group("articles"))
    Sessions(persist: MemcachedPersistDriver(cache, prefix: "session:")).addRoutes(to: limited.group("session"))

    // Whole responses, made once for everyone.
    var options = ResponseCacheOptions()
    options.time = .seconds(30)
    options.varyingBy = [.acceptLanguage]
    limited.group("pages")
        .add(middleware: ResponseCacheMiddleware(cache, options: options))
        .get(":name") { request, context -> Response in
            let name = try context.parameters.require("name")
            let greeting = request.headers[.acceptLanguage]?.hasPrefix("de") == true ? "Hallo" : "Hello"
            return Response(
                status: .ok,
                headers: [.contentType: "text/html; charset=utf-8", .cacheControl: "public, max-age=30"],
                body: ResponseBody(byteBuffer: ByteBuffer(string: "<h1>\(greeting), \(name)!</h1>\n"))
            )
        }
    return router
}
