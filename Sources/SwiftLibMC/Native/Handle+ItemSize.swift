internal import CLibMemcached

// The largest item that a server takes.

extension Handle {
    /// The smallest item size that a server can be set to (`-I`).
    static var smallestItemLimit: Int { 1024 }
    /// The item size of a server that was started without `-I`.
    private static var usualItemLimit: Int { 1 << 20 }

    /// The server's item size, asked for on a connection of its own; the usual one if it doesn't answer.
    func itemSizeLimit(_ position: Int) -> Int {
        let settings = try? solo(position).statistics("settings")
        return settings?["item_size_max"].flatMap { Int($0) } ?? Self.usualItemLimit
    }

    /// The most that a server counts for a value of this many bytes: key, namespace and its own header are added.
    func itemSize(_ key: RawSpan, _ count: Int) -> Int {
        let namespace = configuration.behaviors.namespace?.utf8.count ?? 0
        return 80 + namespace + key.byteCount + count
    }

    /// The error for an item that is larger than the server takes.
    ///
    /// The value has `count` bytes, for `append` and `prepend` including the added bytes if the server's `limit` is
    /// known.
    func tooBig(
        _ operation: Operation,
        count: Int,
        _ key: RawSpan,
        at position: Int,
        limit: Int? = nil
    ) -> MemcachedError {
        MemcachedError(
            code: .tooBig,
            operation: operation,
            detail: Self.sentence(aboutSize: count, limit, operation),
            key: key.text,
            server: servers[position]
        )
    }

    /// The message about a value that is larger than the server takes.
    fileprivate static func sentence(aboutSize count: Int, _ limit: Int?, _ operation: Operation) -> String {
        let size =
            switch operation {
            case .append, .prepend: limit == nil ? "the addition of \(count) bytes" : "the sum of \(count) bytes"
            default: "the value of \(count) bytes"
            }
        let known = limit.map { "\($0) bytes" } ?? "1 MiB unless set otherwise (memcached -I)"
        let loss =
            [.set, .replace, .setMulti, .replaceMulti].contains(operation)
            ? "; an older value of the key is gone, too" : ""
        return "\(size), as sent, is more than the server's item size, which is \(known) with key and header\(loss)"
    }
}

extension ManyOutcome {
    /// Adds the sizes of the values that were too large to the errors.
    mutating func nameSizes(_ operation: Operation, _ size: (Int) -> Int) {
        for (index, error) in refusals where error.code == .tooBig {
            refusals[index]?.detail = Handle.sentence(aboutSize: size(index), nil, operation)
        }
    }
}
