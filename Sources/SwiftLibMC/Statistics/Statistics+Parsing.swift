// Statistics of slabs and sizes, which have numbers in their names.

extension ItemStatistics {
    /// The statistics of each slab class, from `stats items`, with names such as `items:1:number`.
    static func bySlab(_ stats: [String: String]) -> [Int: ItemStatistics] {
        numbered(stats, prefix: "items:").classes.mapValues { ItemStatistics(values: $0) }
    }
}

extension SlabOverview {
    /// The statistics of `stats slabs`, with names such as `1:chunk_size` and `active_slabs`.
    init(parsing stats: [String: String]) {
        let (classes, rest) = numbered(stats, prefix: "")
        self.init(values: rest, slabs: classes.mapValues { SlabStatistics(values: $0) })
    }
}

extension SizeStatistics {
    /// The statistics of `stats sizes`, whose names are sizes.
    init(parsing stats: [String: String]) {
        let sizes = stats.compactMap { name, count in
            if let size = Int(name), let count = Int(count) { (size, count) } else { nil }
        }
        self.init(
            isTracked: stats["sizes_status"] != "disabled",
            items: Dictionary(sizes) { first, _ in first }
        )
    }
}

/// Sorts statistics such as `1:chunk_size` by the numbers in their names.
private func numbered(
    _ stats: [String: String],
    prefix: String
) -> (classes: [Int: [String: String]], rest: [String: String]) {
    var classes: [Int: [String: String]] = [:]
    var rest: [String: String] = [:]
    for (name, value) in stats {
        let parts = name.dropFirst(name.hasPrefix(prefix) ? prefix.count : 0).split(separator: ":", maxSplits: 1)
        if parts.count == 2, let number = Int(parts[0]) {
            classes[number, default: [:]][String(parts[1])] = value
        } else {
            rest[name] = value
        }
    }
    return (classes, rest)
}
