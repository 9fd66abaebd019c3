public import SwiftLibMC
import SwiftLibMCTesting

extension Behaviors {
    /// With time-outs that do not pass on a busy machine, for tests that are not about them.
    public static let patient = Behaviors(connectTimeout: .seconds(10), pollTimeout: .seconds(10))
}

extension Client {
    /// A client of the server that all tests share.
    public static func shared(binary: Bool = true) throws -> Client {
        try Client([MemcachedServer.shared(.tcp).address], binary: binary, behaviors: .patient)
    }

    private static let pair = Result { try MemcachedCluster(count: 2) }

    /// The addresses of two servers that all tests share.
    public static func sharedPairsAddresses() throws -> [String] { try pair.get().addresses }

    /// A client of two servers that all tests share.
    public static func sharedPair(binary: Bool = true) throws -> Client {
        try Client(try sharedPairsAddresses(), binary: binary, behaviors: .patient)
    }

    /// A client of the same servers that has connections for both protocols.
    public static func sharedPairOfBoth() throws -> Client {
        let client = try Client(try sharedPairsAddresses(), protocol: .automatic, behaviors: .patient)
        // The first requests go over libmemcached's connections in any case.
        for _ in 0..<2 { _ = try client.getMulti((0..<20).map { "warm\($0)" }, as: String.self) }
        return client
    }
}

/// Collects what a handler hears.
public final class Heard: Sendable {
    private let heard = Locked<[MemcachedError]>([])

    /// Has heard nothing yet.
    public init() {}

    /// What it has heard.
    public var errors: [MemcachedError] { heard.withLock { $0 } }
    /// The codes of that.
    public var codes: [MemcachedError.Code] { errors.map(\.code) }

    /// The handler.
    public var handler: @Sendable (MemcachedError) -> Void {
        { error in self.heard.withLock { $0.append(error) } }
    }
}
