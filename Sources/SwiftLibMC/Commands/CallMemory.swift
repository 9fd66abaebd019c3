internal import Synchronization

/// What the requests of one call, such as `getOrSet`, remember for the later ones: the generations of the namespaces
/// that they have passed through.
///
/// A value belongs to the generation from before it was computed. A request that asked for the generation afterwards
/// would store the value where an `invalidate()` from in between has no effect on it.
///
/// The memory ends with this object. Requests only have its number: counting references to an object would cost every
/// request something, and few belong to such a call.
final class CallMemory: Sendable {
    let reference = Reference(number: count.add(1, ordering: .relaxed).newValue)

    private static let count = Atomic<UInt64>(0)

    deinit { reference.table.withLock { _ = $0.removeValue(forKey: reference.number) } }

    /// To be called at the end of the call, so that the memory lasts until then.
    @inline(never)
    func keep() { withExtendedLifetime(self) {} }

    /// Notes that the value has been computed: a generation that could not be read before is not asked for again.
    func close() { reference.table.withLock { $0[reference.number]?.isComputed = true } }

    /// What is known about a namespace.
    private struct Note {
        let id: UInt64
        let name: String
        let prefix: Result<String, MemcachedError>
    }

    fileprivate struct Notes {
        private var list: [Note] = []
        var isComputed = false

        /// The prefix of a namespace, or of the latest one with its name if the namespace was made after the value was
        /// computed.
        func prefix(of id: UInt64, named name: String) -> Result<String, MemcachedError>? {
            if let note = list.last(where: { $0.id == id }) { return note.prefix }
            return isComputed ? list.last { $0.name == name }?.prefix : nil
        }

        mutating func append(_ prefix: Result<String, MemcachedError>, of id: UInt64, named name: String) {
            list.append(Note(id: id, name: name, prefix: prefix))
        }
    }

    /// The notes by the calls' numbers, in several parts so that calls seldom wait for each other.
    fileprivate static let tables = (0..<16).map { _ in Monitor<[UInt64: Notes]>([:]) }

    /// A call's memory, as its requests have it.
    struct Reference: Sendable {
        fileprivate let number: UInt64

        fileprivate var table: Monitor<[UInt64: Notes]> { CallMemory.tables[Int(number & 15)] }

        /// The known prefix of a namespace; nil if it has to be asked for.
        ///
        /// The number distinguishes it from others with its name, which may belong to other caches.
        func prefix(of id: UInt64, named name: String) -> Result<String, MemcachedError>? {
            table.withLock { $0[number]?.prefix(of: id, named: name) }
        }

        /// Remembers a prefix, or why it could not be read.
        func note(_ prefix: Result<String, MemcachedError>, of id: UInt64, named name: String) {
            table.withLock { $0[number, default: Notes()].append(prefix, of: id, named: name) }
        }

        /// Whether the value has been computed.
        var isClosed: Bool { table.withLock { $0[number]?.isComputed ?? false } }
    }
}

extension MemcachedRequest {
    /// The same request, as part of a call.
    func remembering(_ memory: CallMemory.Reference?) -> MemcachedRequest {
        var request = self
        request.keys.memory = memory
        return request
    }
}

/// The requests of `cached`, the same for synchronous and asynchronous caches.
struct CachedValue<K: CacheKey> {
    private let key: K
    let memory = CallMemory()
    /// How to store the value.
    var options: StoreOptions

    init(key: K, time: Expiration = .never) {
        self.key = key
        options = StoreOptions(time: time)
    }

    /// Reads the value.
    var look: MemcachedRequest { .one(key, .fetch(.init()), for: .get).remembering(memory.reference) }

    /// Reads whether there is one.
    var lookWhetherThere: MemcachedRequest {
        .one(key, .fetch(.existence.uncounted), for: .get).remembering(memory.reference)
    }

    /// Stores the value that has been computed.
    func store(_ value: MemcachedRequest.Value) -> MemcachedRequest {
        memory.close()
        return .one(key, .store(.one(value), .always, .init(options)), for: .set).remembering(memory.reference)
    }
}
