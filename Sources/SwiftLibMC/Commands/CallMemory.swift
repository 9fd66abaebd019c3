internal import Synchronization

/// What the requests of one call, such as `getOrSet`, remember for those that follow: the generations of the namespaces
/// that they have gone through.
///
/// A value belongs to the generation of the time before it was computed. A request that asked for the generation
/// afterwards would store the value where an `invalidate()` that has come in between has no effect on it.
final class CallMemory: Sendable {
    /// What was found out about a namespace.
    private struct Note {
        let id: UInt64
        let name: String
        let prefix: Result<String, MemcachedError>
    }

    private struct State {
        var notes: [Note] = []
        var isComputed = false
    }

    private let state = Mutex(State())

    /// What is known of a namespace's prefix; nil if it is to be asked for.
    ///
    /// The number tells it from others of its name, which may belong to other caches. For one that has been made after
    /// the value was computed the latest of its name counts.
    func prefix(of id: UInt64, named name: String) -> Result<String, MemcachedError>? {
        state.withLock { state in
            if let note = state.notes.last(where: { $0.id == id }) { return note.prefix }
            return state.isComputed ? state.notes.last { $0.name == name }?.prefix : nil
        }
    }

    /// Remembers a prefix, or why it could not be read.
    func note(_ prefix: Result<String, MemcachedError>, of id: UInt64, named name: String) {
        state.withLock { $0.notes.append(Note(id: id, name: name, prefix: prefix)) }
    }

    /// Says that the value has been computed: what could not be read before is not asked for any more.
    func close() { state.withLock { $0.isComputed = true } }

    /// Whether the value has been computed.
    var isClosed: Bool { state.withLock { $0.isComputed } }
}

extension MemcachedRequest {
    /// The same request as one of a call.
    func remembering(_ memory: CallMemory?) -> MemcachedRequest {
        var request = self
        request.keys.memory = memory
        return request
    }
}

/// The requests of `cached`, the same for synchronous and asynchronous caches.
struct CachedValue<K: CacheKey> {
    private let key: K
    private let memory = CallMemory()
    /// How to store the value.
    var options: StoreOptions

    init(key: K, time: Expiration = .never) {
        self.key = key
        options = StoreOptions(time: time)
    }

    /// Reads the value.
    var look: MemcachedRequest { .one(key, .fetch(.init()), for: .get).remembering(memory) }

    /// Reads whether there is one.
    var lookWhetherThere: MemcachedRequest { .one(key, .fetch(.existence), for: .get).remembering(memory) }

    /// Stores the value that has been computed.
    func store(_ value: MemcachedRequest.Value) -> MemcachedRequest {
        memory.close()
        return .one(key, .store(.one(value), .always, .init(options)), for: .set).remembering(memory)
    }
}
