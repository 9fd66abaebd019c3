import Foundation
import SwiftLibMC

// A server in miniature, without the network: requests come in, each is answered by a task of its own, and all tasks
// share one AsyncClient. Run it with the addresses of memcached servers:
//
//     swift run RequestLoop 127.0.0.1:11211

@main
struct RequestLoop {
    static func main() async {
        do {
            let servers = Array(CommandLine.arguments.dropFirst())
            let client = try Client(
                servers.isEmpty ? ["127.0.0.1:11211"] : servers,
                behaviors: Behaviors(namespace: "request-loop-\(UInt32.random(in: 0 ... .max)):")
            )
            let shop = Shop(cache: try AsyncClient(cloning: client))
            let isRight = try await day(in: shop)
            // What is queued is finished, and the connections are closed.
            await shop.cache.shutdown()
            exit(isRight ? EXIT_SUCCESS : EXIT_FAILURE)
        } catch {
            print("The shop stays closed: \(error)")
            exit(EXIT_FAILURE)
        }
    }

    /// Lets visitors in for a while, and says whether everything came out right.
    private static func day(in shop: Shop) async throws -> Bool {
        let requests = (0..<5000).map { Request(visitor: $0 % 50, page: "page-\($0 % 20)", buys: $0 % 23 == 0) }
        let counter = Counter()
        let start = ContinuousClock.now
        await serve(incoming(requests), atMost: 256) { request in
            await counter.note(await shop.answer(request))
        }
        let seconds = (ContinuousClock.now - start) / .seconds(1)

        let count = await counter.answers
        print("\(count) requests answered, \(Int(Double(count) / seconds)) in a second")
        let rendered = await shop.renderer.count
        let visits = try await shop.cache.getMultiArray((0..<50).map { "visits:\($0)" }, as: Int.self)
        let baskets = try await shop.cache.getMulti((0..<50).map { "basket:\($0)" }, as: [String].self)
        let counted = visits.reduce(0) { $0 + ($1 ?? 0) }
        let bought = baskets.values.reduce(0) { $0 + $1.count }
        let refused = await counter.failures
        print("\(rendered) pages rendered, \(counted) visits counted, \(bought) things bought, \(refused) failures")
        return (count, rendered, counted, bought, refused) == (5000, 20, 5000, 218, 0)
    }
}

// MARK: - The loop

struct Request: Sendable {
    let visitor: Int
    let page: String
    let buys: Bool
}

/// Requests as a network would deliver them.
func incoming(_ requests: [Request]) -> AsyncStream<Request> {
    AsyncStream { continuation in
        for request in requests { continuation.yield(request) }
        continuation.finish()
    }
}

/// Answers each request in a task of its own; as long as `limit` of them run, no more is accepted.
func serve(
    _ requests: AsyncStream<Request>,
    atMost limit: Int,
    _ answer: @escaping @Sendable (Request) async -> Void
) async {
    await withTaskGroup(of: Void.self) { group in
        var running = 0
        for await request in requests {
            if running == limit { await group.next() } else { running += 1 }
            group.addTask { await answer(request) }
        }
    }
}

// MARK: - What a request does

struct Answer: Sendable {
    let text: String
    let isFromCache: Bool
}

struct Shop: Sendable {
    let cache: AsyncClient
    let renderer = Renderer()

    /// Answers in any case: a cache that fails makes a shop slow, it does not close it.
    func answer(_ request: Request) async -> Answer {
        do {
            // Several commands of one request at the same time; those of all requests travel together.
            async let visits = cache.incr("visits:\(request.visitor)", initial: 1, time: .days(1))
            async let page = page(request.page)
            if request.buys { try await buy(request.page, for: request.visitor) }
            return Answer(text: "visit \(try await visits): \(try await page)", isFromCache: true)
        } catch {
            return Answer(text: await renderer.render(request.page), isFromCache: false)
        }
    }

    /// A page that takes long to make; of all who want it at the same time, one makes it.
    private func page(_ name: String) async throws -> String {
        try await cache.getOrSet("page:\(name)", time: .minutes(5)) { await renderer.render(name) }
    }

    /// Two purchases at the same time don't lose each other.
    private func buy(_ thing: String, for visitor: Int) async throws {
        try await cache.update("basket:\(visitor)", default: [String]()) { basket in basket + [thing] }
    }
}

actor Renderer {
    private(set) var count = 0

    func render(_ name: String) async -> String {
        count += 1
        try? await Task.sleep(for: .milliseconds(20))
        return "<h1>\(name)</h1>"
    }
}

actor Counter {
    private(set) var answers = 0
    private(set) var failures = 0

    func note(_ answer: Answer) {
        answers += 1
        if !answer.isFromCache { failures += 1 }
    }
}
