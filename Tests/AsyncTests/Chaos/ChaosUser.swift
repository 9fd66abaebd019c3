import SwiftLibMC
import TestSupport

/// One who uses a cache with keys of its own, knows what each may hold, and looks whether that is so.
struct ChaosUser {
    /// What a key may hold, as far as this user can know; nil is "nothing".
    private struct Slot {
        var key: String
        var possible: Set<[UInt8]?>
        /// What has happened to it, for the message of a complaint.
        var history: [String] = []
    }

    private struct Counter {
        var key: String
        /// What it may stand at; several numbers if the outcome of a call is unknown.
        var range: ClosedRange<UInt64>
        var isDoubtful: Bool { range.count > 1 }
        /// The last failure, which said that nothing had been counted.
        var lastFailure = ""
    }

    private let name: String
    /// Whether servers are restarted, which forget all they have.
    private let serversForget: Bool
    private var dice: Dice
    private var slots: [Slot] = []
    private var counters: [Counter] = []
    /// Keys that are not used any more, because of a doubt, with what they may hold.
    private(set) var retired: [String: Set<[UInt8]?>] = [:]
    private(set) var complaints: [String] = []
    private(set) var calls = 0
    private(set) var failures = 0
    private var version = 0

    init(name: String, seed: UInt64, serversForget: Bool = false) {
        self.name = name
        self.serversForget = serversForget
        dice = Dice(seed)
        slots = (0..<30).map { _ in freshSlot() }
    }

    /// What each key may hold.
    var expected: [String: Set<[UInt8]?>] {
        retired.merging(slots.map { ($0.key, $0.possible) }) { $1 }
    }

    /// What each counter may stand at.
    var expectedCounts: [String: ClosedRange<UInt64>] {
        Dictionary(uniqueKeysWithValues: counters.map { ($0.key, $0.range) })
    }

    private mutating func freshSlot() -> Slot {
        version += 1
        return Slot(key: "\(name)-\(version)", possible: [nil])
    }

    private mutating func freshValue(for key: String) -> [UInt8] {
        version += 1
        let size = dice.one(of: [0, 10, 100, 3000, 30_000])
        return Array("\(key) \(version) ".utf8) + Array(repeating: UInt8(ascii: "x"), count: size)
    }

    /// Does one thing, and notes what can't be right.
    mutating func step(_ cache: some ChaosCache) async {
        calls += 1
        let place = dice.below(slots.count)
        let key = slots[place].key
        do {
            switch dice.below(12) {
            case 0, 1, 2: check(try await cache.get(key), of: place, "get")
            case 3: try await readMany(cache)
            case 4, 5: try await write(place) { key, value in try await cache.set(key, value) }
            case 6: try await writeMany(cache)
            case 7:
                try await change(place) { key, value in try await cache.add(key, value) }
            case 8: try await append(place, cache)
            case 9: try await delete(place, cache)
            default: try await count(cache)
            }
        } catch {
            failures += 1
        }
    }

    /// Forgets what is over, so that a user can go on for ever.
    mutating func forgetPast() {
        retired.removeAll()
        counters.removeAll()
        for place in slots.indices { slots[place].history.removeAll() }
    }

    // MARK: - Reading

    private mutating func check(_ value: [UInt8]?, of place: Int, _ operation: String) {
        if value == nil, serversForget { slots[place].possible = [nil] }
        guard !slots[place].possible.contains(value) else { return }
        let what = value.map { String(decoding: $0.prefix(40), as: UTF8.self) } ?? "nothing"
        complaints.append("\(operation) of \(slots[place].key) gave \(what) after \(slots[place].history.suffix(6))")
    }

    private mutating func readMany(_ cache: some ChaosCache) async throws {
        let found = try await cache.getMulti(slots.map(\.key))
        for place in slots.indices {
            // A key of a failed server is absent.
            if let value = found[slots[place].key] { check(value, of: place, "getMulti") }
        }
        for key in found.keys where !slots.contains(where: { $0.key == key }) {
            complaints.append("getMulti gave \(key), which was not asked for")
        }
    }

    // MARK: - Writing

    /// Retires the key of a slot, whose content is in doubt.
    private mutating func retire(_ place: Int) {
        retired[slots[place].key] = slots[place].possible
        slots[place] = freshSlot()
    }

    private mutating func write(
        _ place: Int,
        _ body: (String, [UInt8]) async throws -> Void
    ) async throws {
        try await change(place) { key, value in
            try await body(key, value)
            return true
        }
    }

    /// Runs a write, which says whether the value was stored, or was declined.
    private mutating func change(
        _ place: Int,
        _ body: (String, [UInt8]) async throws -> Bool
    ) async throws {
        let key = slots[place].key
        let value = freshValue(for: key)
        do {
            if try await body(key, value) {
                slots[place].possible = [value]
                slots[place].history.append("stored \(version)")
            } else if slots[place].possible == [nil] {
                // One that was forgotten can't have come back.
                complaints.append("add of \(key) was declined, though there is none")
            }
        } catch let error as MemcachedError {
            try doubt(error, place, value)
        }
    }

    private mutating func doubt(_ error: MemcachedError, _ place: Int, _ value: [UInt8]?) throws {
        slots[place].history.append("\(error.debugDescription) with \(version)")
        if error.isOutcomeUnknown {
            slots[place].possible.insert(value)
            retire(place)
        }
        throw error
    }

    private mutating func writeMany(_ cache: some ChaosCache) async throws {
        let places = Array(Set((0..<12).map { _ in dice.below(slots.count) }))
        let pairs = places.map { (slots[$0].key, freshValue(for: slots[$0].key)) }
        let failed: Set<String>
        do {
            failed = Set(try await cache.setMulti(pairs))
        } catch {
            failed = Set(pairs.map(\.0))
        }
        for (place, (key, value)) in zip(places, pairs) {
            if failed.contains(key) {
                slots[place].possible.insert(value)
                retire(place)
            } else {
                slots[place].possible = [value]
                slots[place].history.append("setMulti \(version)")
            }
        }
    }

    private mutating func append(_ place: Int, _ cache: some ChaosCache) async throws {
        let (key, addition) = (slots[place].key, Array("+\(version)".utf8))
        let before = slots[place].possible
        let after = Set(before.map { $0.map { $0 + addition } })
        do {
            if try await cache.append(key, addition) {
                slots[place].history.append("appended \(version)")
                slots[place].possible = after.filter { $0 != nil }
            } else if serversForget {
                slots[place].possible = [nil]
            } else if !before.contains(nil) {
                complaints.append("append to \(key) found nothing")
            }
        } catch let error as MemcachedError {
            slots[place].history.append(error.debugDescription)
            if error.isOutcomeUnknown {
                slots[place].possible.formUnion(after)
                retire(place)
            }
            throw error
        }
    }

    private mutating func delete(_ place: Int, _ cache: some ChaosCache) async throws {
        do {
            let existed = try await cache.delete(slots[place].key)
            let isForgotten = !existed && serversForget
            if !isForgotten, !slots[place].possible.contains(where: { ($0 != nil) == existed }) {
                complaints.append("delete of \(slots[place].key) said \(existed)")
            }
            slots[place].possible = [nil]
            slots[place].history.append("deleted: \(existed)")
        } catch let error as MemcachedError {
            try doubt(error, place, nil)
        }
    }

    // MARK: - Counting

    private mutating func count(_ cache: some ChaosCache) async throws {
        guard let place = counters.indices.last, !counters[place].isDoubtful else {
            version += 1
            let key = "\(name)-counter-\(version)"
            // One that is in doubt is given up; nothing is known of it.
            try await cache.set(key, Array("1000".utf8))
            counters.append(Counter(key: key, range: 1000...1000))
            return
        }
        do {
            let value = try await cache.incr(counters[place].key)
            let expected = counters[place].range.lowerBound + 1
            if value != expected {
                let failure = counters[place].lastFailure
                complaints.append("\(counters[place].key) is \(value), not \(expected); last failure: \(failure)")
            }
            counters[place].range = value...value
        } catch let error as MemcachedError {
            if serversForget, error.code == .notFound {
                // The next count begins with a new one.
                counters.removeLast()
                return
            }
            if error.isOutcomeUnknown {
                counters[place].range = counters[place].range.lowerBound...counters[place].range.upperBound + 1
            }
            counters[place].lastFailure = error.debugDescription
            throw error
        }
    }
}
