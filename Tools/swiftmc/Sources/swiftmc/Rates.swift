import SwiftLibMC

/// What happened on a server from one sample to the next.
struct Change {
    let server: Server
    /// What the later sample says; nil if the server did not answer.
    let stats: ServerStatistics?
    let error: MemcachedError?
    /// Nil if the server has not answered both times, or was started anew in between.
    let rates: Rates?
    let slabs: [SlabChange]

    init(from old: Sample, to new: Sample) {
        server = new.server
        let stats = try? new.stats.get()
        self.stats = stats
        if case .failure(let failure) = new.stats { error = failure } else { error = nil }
        let seconds = (new.time - old.time) / .seconds(1)
        rates = (try? old.stats.get()).flatMap { old in stats.flatMap { Rates(from: old, to: $0, seconds) } }
        slabs = new.slabs.keys.sorted().map { SlabChange($0, from: old, to: new, seconds) }
    }

    /// What one server has to say at first.
    init(_ sample: Sample) { self.init(from: sample, to: sample) }

    /// In the order of ``Rates/headings``.
    var cells: [String] {
        if let error { return [readable("down: \(error.toolDetail)")] }
        let number = { (value: Int?) in value.map { "\($0)" } ?? "-" }
        let memory = stats?.bytes.map { bytes in
            bytesText(Double(bytes)) + (stats?.limitMaxbytes.map { " of \(bytesText(Double($0)))" } ?? "")
        }
        return (rates?.cells ?? Rates.none) + [number(stats?.currConnections), number(stats?.currItems), memory ?? "-"]
    }

    var document: JSONValue {
        var fields: [String: JSONValue] = ["server": .string("\(server)")]
        if let error { fields["error"] = .string(error.toolDetail) }
        let number = { (value: Int?) -> JSONValue in value.map { .integer(Int64($0)) } ?? .null }
        if let stats {
            fields["connections"] = number(stats.currConnections)
            fields["items"] = number(stats.currItems)
            fields["bytes"] = number(stats.bytes)
            fields["limit"] = number(stats.limitMaxbytes)
        }
        if let rates { fields.merge(rates.fields) { first, _ in first } }
        if !slabs.isEmpty { fields["slabs"] = .array(slabs.map(\.document)) }
        return .object(fields)
    }
}

/// How much of each happens in a second.
struct Rates {
    static let headings = [
        "hits", "get/s", "set/s", "delete/s", "evicted/s", "in/s", "out/s", "conns", "items", "memory",
    ]
    static let widths = [8, 7, 7, 8, 9, 9, 9, 5, 8, 20]
    static let none = Array(repeating: "-", count: 7)

    /// The share of keys asked for that had an item, from 0 to 1; nil if none was asked for.
    let hitRatio: Double?
    let gets: Double
    let misses: Double
    let sets: Double
    let deletes: Double
    let evictions: Double
    let bytesRead: Double
    let bytesWritten: Double

    /// Nil if the server was started anew in between, or its counters were set to 0.
    init?(from old: ServerStatistics, to new: ServerStatistics, _ seconds: Double) {
        guard seconds > 0, old.pid == new.pid else { return nil }
        func growth(_ names: String...) -> Double? {
            names.reduce(0) { sum, name in
                guard let sum, let growth = growthOf(old.integer(name) ?? 0, new.integer(name) ?? 0) else { return nil }
                return sum + growth
            }
        }
        guard let hits = growth("get_hits"), let misses = growth("get_misses"), let gets = growth("cmd_get"),
            let sets = growth("cmd_set"), let deletes = growth("delete_hits", "delete_misses"),
            let evictions = growth("evictions"), let read = growth("bytes_read"), let written = growth("bytes_written")
        else { return nil }
        hitRatio = hits + misses > 0 ? hits / (hits + misses) : nil
        self.gets = gets / seconds
        self.misses = misses / seconds
        self.sets = sets / seconds
        self.deletes = deletes / seconds
        self.evictions = evictions / seconds
        bytesRead = read / seconds
        bytesWritten = written / seconds
    }

    fileprivate var cells: [String] {
        [percentText(hitRatio)] + [gets, sets, deletes, evictions].map(rateText)
            + [bytesRead, bytesWritten].map(bytesText)
    }

    fileprivate var fields: [String: JSONValue] {
        [
            "hitRatio": hitRatio.map { .rounded($0) } ?? .null, "getsPerSecond": .rounded(gets),
            "missesPerSecond": .rounded(misses), "setsPerSecond": .rounded(sets),
            "deletesPerSecond": .rounded(deletes), "evictionsPerSecond": .rounded(evictions),
            "bytesReadPerSecond": .rounded(bytesRead), "bytesWrittenPerSecond": .rounded(bytesWritten),
        ]
    }
}

/// By how much a counter has grown; nil if it has not, or by more than any does.
///
/// A server may say any numbers.
private func growthOf(_ old: Int, _ new: Int) -> Double? {
    let (growth, overflows) = new.subtractingReportingOverflow(old)
    return overflows || growth < 0 ? nil : Double(growth)
}

/// What happened in one slab class.
struct SlabChange {
    static let headings = ["class", "item size", "items", "pages", "used", "hits/s", "set/s", "evicted/s", "no memory"]

    let number: Int
    let items: ItemStatistics?
    let slab: SlabStatistics
    let hits: Double?
    let sets: Double?
    let evictions: Double?

    init(_ number: Int, from old: Sample, to new: Sample, _ seconds: Double) {
        self.number = number
        items = new.items[number]
        slab = new.slabs[number] ?? SlabStatistics(values: [:])
        func rate(_ old: Int?, _ new: Int?) -> Double? {
            guard let old, let new, seconds > 0 else { return nil }
            return growthOf(old, new).map { $0 / seconds }
        }
        hits = rate(old.slabs[number]?.getHits, slab.getHits)
        sets = rate(old.slabs[number]?.cmdSet, slab.cmdSet)
        evictions = rate(old.items[number]?.evicted, items?.evicted)
    }

    var cells: [String] {
        let used = slab.totalChunks.flatMap { total in
            total > 0 ? slab.usedChunks.map { Double($0) / Double(total) } : nil
        }
        let rate = { (value: Double?) in value.map(rateText) ?? "-" }
        return [
            "\(number)", slab.chunkSize.map { bytesText(Double($0)) } ?? "-", "\(items?.number ?? 0)",
            "\(slab.totalPages ?? 0)", percentText(used), rate(hits), rate(sets), rate(evictions),
            "\(items?.outofmemory ?? 0)",
        ]
    }

    var document: JSONValue {
        let number = { (value: Int?) -> JSONValue in value.map { .integer(Int64($0)) } ?? .null }
        let rate = { (value: Double?) -> JSONValue in value.map { .rounded($0) } ?? .null }
        return [
            "class": number(self.number), "chunkSize": number(slab.chunkSize), "items": number(items?.number),
            "pages": number(slab.totalPages), "usedChunks": number(slab.usedChunks),
            "totalChunks": number(slab.totalChunks), "hitsPerSecond": rate(hits), "setsPerSecond": rate(sets),
            "evictionsPerSecond": rate(evictions), "evicted": number(items?.evicted),
            "outOfMemory": number(items?.outofmemory),
        ]
    }
}

extension JSONValue {
    /// A number with three decimals at most.
    static func rounded(_ number: Double) -> Self { .number((number * 1000).rounded() / 1000) }
}
