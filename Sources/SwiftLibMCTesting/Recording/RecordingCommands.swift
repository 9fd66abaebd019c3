public import SwiftLibMC

/// A cache that records its commands, and has another one carry them out.
///
/// ```swift
/// let cache = RecordingCommands(MockClient())
/// try Greeter(cache: cache).greet("Ada")
/// #expect(cache.commands.map(\.description) == ["get greeting:Ada", "set greeting:Ada"])
/// ```
///
/// A method such as `update` sends several commands.
public final class RecordingCommands: ForwardingCommands {
    /// The cache that is asked.
    public let base: any MemcachedCommands
    private let list = Locked<[RecordedCommand]>([])

    /// Records the commands of a cache.
    public init(_ base: any MemcachedCommands) { self.base = base }

    /// The commands, in order.
    public var commands: [RecordedCommand] { list.withLock { $0 } }

    /// Forgets the commands.
    public func forget() { list.withLock { $0.removeAll() } }

    /// Has the cache carry out a request, and records it.
    public func execute(_ request: MemcachedRequest) throws(MemcachedError) -> MemcachedResponse {
        let result = Result { () throws(MemcachedError) in try base.execute(request) }
        if request.isObservable { list.withLock { $0.append(RecordedCommand(request: request, result: result)) } }
        return try result.get()
    }
}

/// The same for tasks; it may be shared among them.
public final class AsyncRecordingCommands: AsyncForwardingCommands {
    /// The cache that is asked.
    public let base: any AsyncMemcachedCommands
    private let list = Locked<[RecordedCommand]>([])

    /// Records the commands of a cache.
    public init(_ base: any AsyncMemcachedCommands) { self.base = base }

    /// The commands, in the order in which they ended.
    public var commands: [RecordedCommand] { list.withLock { $0 } }

    /// Forgets the commands.
    public func forget() { list.withLock { $0.removeAll() } }

    /// Has the cache carry out a request, and records it.
    public func execute(_ request: MemcachedRequest) async throws(MemcachedError) -> MemcachedResponse {
        let result: Result<MemcachedResponse, MemcachedError>
        do throws(MemcachedError) {
            result = .success(try await base.execute(request))
        } catch {
            result = .failure(error)
        }
        if request.isObservable { list.withLock { $0.append(RecordedCommand(request: request, result: result)) } }
        return try result.get()
    }
}
