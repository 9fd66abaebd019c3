import Hummingbird
import SwiftLibMC

/// Data that is slow to get: it comes from the cache, and only one of many simultaneous requests fetches it.
struct Articles {
    struct Article: Codable, ResponseEncodable {
        var number: Int
        var title: String
        /// How many articles this process had read from the database when it got this one.
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

/// Stands for a slow database.
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
