import Hummingbird
import SwiftLibMC

/// Data that take long to get: they come from the cache, and of many requests at once one gets them.
struct Articles {
    struct Article: Codable, ResponseEncodable {
        var number: Int
        var title: String
        /// How often this process has got it.
        var reads: Int
    }

    let cache: any AsyncMemcachedCommands
    private let database = Database()

    func addRoutes(to group: RouterGroup<AppContext>) {
        group.get(":number") { _, context -> Article in
            let number = try context.parameters.require("number", as: Int.self)
            return try await cache.getOrSet("article:\(number)", time: .minutes(5), stale: .seconds(60)) {
                try await database.article(number)
            }
        }
        group.delete(":number") { _, context -> HTTPResponse.Status in
            let number = try context.parameters.require("number", as: Int.self)
            try await cache.delete("article:\(number)")
            return .noContent
        }
    }
}

/// Stands for a database that has to be waited for.
private actor Database {
    private var reads = 0

    func article(_ number: Int) async throws -> Articles.Article {
        guard 1...1000 ~= number else { throw HTTPError(.notFound) }
        reads += 1
        let count = reads
        try await Task.sleep(for: .milliseconds(50))
        return Articles.Article(number: number, title: "Article \(number)", reads: count)
    }
}
