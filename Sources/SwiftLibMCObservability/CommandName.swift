#if Observability
    internal import SwiftLibMC

    /// The name of a command in metrics and spans: the method's name, but `BATCH set` for `setMulti` with several keys.
    struct CommandName {
        /// A number below ``CommandName/count``.
        let number: Int
        let isBatch: Bool

        var text: String { isBatch ? "BATCH \(single.rawValue)" : single.rawValue }

        /// Whether it is a read of a single key.
        var isGet: Bool { number == 0 && !isBatch }

        /// The dimensions of commands that succeed.
        var dimensions: [(String, String)] { [("db.operation.name", text), ("error.type", "")] }

        /// The method for a single key, if that is another one.
        private var single: MemcachedOperation { Self.operations[number >> 1] }

        /// How many numbers there are.
        static let count = operations.count * 2

        /// The most common ones come first, in the order of their numbers in the initializer.
        private static let operations: [MemcachedOperation] =
            commonOperations + MemcachedOperation.allCases.filter { !commonOperations.contains($0) }
        private static let commonOperations: [MemcachedOperation] = [.get, .set, .getMulti, .delete]
        private static let positions = Dictionary(
            uniqueKeysWithValues: operations.enumerated().map { ($0.element, $0.offset) }
        )

        @inline(__always)
        init(_ operation: MemcachedOperation, keyCount: Int) {
            switch operation {
            case .get: self.init(number: 0, isBatch: false)
            case .set: self.init(number: 2, isBatch: false)
            case .getMulti: self.init(number: 4, isBatch: false)
            case .delete: self.init(number: 6, isBatch: false)
            default: self.init(rare: operation, keyCount: keyCount)
            }
        }

        private init(number: Int, isBatch: Bool) {
            self.number = number
            self.isBatch = isBatch
        }

        @inline(never)
        private init(rare operation: MemcachedOperation, keyCount: Int) {
            let single = Self.single(of: operation)
            let isBatch = single != nil && keyCount > 1
            let position = Self.positions[single ?? operation] ?? 0
            self.init(number: position << 1 | (isBatch ? 1 : 0), isBatch: isBatch)
        }

        private static func single(of operation: MemcachedOperation) -> MemcachedOperation? {
            switch operation {
            case .setMulti: .set
            case .addMulti: .add
            case .replaceMulti: .replace
            case .deleteMulti: .delete
            case .incrMulti: .incr
            case .decrMulti: .decr
            case .touchMulti: .touch
            default: nil
            }
        }
    }
#endif
