extension MemcachedResponse {
    /// A value as it is stored, or as the threads of a cache have converted it.
    public struct Value: Sendable {
        /// It is kept small, because each result of a multi-key call has one.
        enum Storage: Sendable {
            case own([UInt8])
            /// One of many short ones, which share a block: memory that one thread allocates and others free makes them
            /// wait for each other, so there should be little of it.
            case shared(ByteBlock, start: UInt32, count: UInt32)
            case object(Object)
        }

        /// A value as the threads of a cache have converted it.
        final class Object: Sendable {
            let value: any Sendable
            /// What it was made from; nil for an object that is not a stored value at all.
            let stored: Storage?

            init(_ value: any Sendable, from stored: Storage? = nil) {
                self.value = value
                self.stored = stored
            }
        }

        let storage: Storage
        /// How to read the bytes.
        public let flags: Flags
        /// The cache it is from, among several that may have different formats.
        var origin: UInt32 = 0
        /// The item's version, if it was asked for; else zero.
        public let cas: CAS

        /// A value as it is stored.
        public init(bytes: [UInt8], flags: Flags, cas: CAS = CAS(rawValue: 0)) {
            self.init(.own(bytes), flags: flags, cas: cas)
        }

        /// An object that is not a stored value at all.
        init(object: any Sendable) {
            self.init(.object(Object(object)), flags: .bytes, cas: CAS(rawValue: 0))
        }

        init(_ storage: Storage, flags: Flags, cas: CAS) {
            self.storage = storage
            self.flags = flags
            self.cas = cas
        }

        /// How many bytes are stored.
        public var byteCount: Int {
            switch storage {
            case .own(let bytes): bytes.count
            case .shared(_, _, let count): Int(count)
            case .object: withBytes { $0.byteCount }
            }
        }

        /// The stored bytes.
        public var bytes: [UInt8] {
            if case .own(let bytes) = storage { return bytes }
            return withBytes { Array(copying: $0) }
        }

        /// The value as the threads of a cache have converted it; nil if they have not.
        var object: (any Sendable)? { if case .object(let object) = storage { object.value } else { nil } }

        /// Lends the stored bytes.
        public func withBytes<R, E: Error>(_ body: (RawSpan) throws(E) -> R) throws(E) -> R {
            switch storage {
            case .own(let bytes): try bytes.withRawSpan(body)
            case .shared(let block, let start, let count):
                try block.withBytes(at: Int(start)..<Int(start + count), body)
            case .object(let object): try Value(object.stored ?? .own([]), flags: flags, cas: cas).withBytes(body)
            }
        }

        // MARK: - Variations

        /// The same value at another version.
        func at(_ version: CAS) -> Value { with(storage, flags: flags, cas: version) }

        /// The same value with other bytes, such as the inflated ones.
        func with(bytes: [UInt8], flags: Flags) -> Value { with(.own(bytes), flags: flags, cas: cas) }

        /// The same value, converted.
        func with(object: any Sendable) -> Value {
            with(.object(Object(object, from: storage)), flags: flags, cas: cas)
        }

        private func with(_ storage: Storage, flags: Flags, cas: CAS) -> Value {
            var value = Value(storage, flags: flags, cas: cas)
            value.origin = origin
            return value
        }
    }
}

extension Item {
    /// The item as a response has it.
    var stored: MemcachedResponse.Value { MemcachedResponse.Value(bytes: bytes, flags: flags, cas: cas) }
}
