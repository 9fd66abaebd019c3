/// One part of a ``NearMemory``, which has a lock of its own.
///
/// It keeps items by S3-FIFO (Yang and others, SOSP 2023): a tenth of the bytes is a queue for new items, the rest a
/// queue for items that were read again while in the first, or soon after. Items that are read only once, as by a scan,
/// leave the first queue without having displaced anything. A hit only raises a number, so that the lock is held for a
/// few nanoseconds; LRU and its like have to move the item.
struct NearShard {
    typealias Value = MemcachedResponse.Value

    /// An item.
    ///
    /// It keeps its place in its queue, and how often it is read, when its value is too old or was changed.
    struct Slot {
        var hash: UInt64
        var key: [UInt8]
        var group: [UInt8]?
        var value: Value?
        /// Until when the value is fresh.
        var deadline: Moment
        /// How many bytes it counts for.
        var cost: Int
        /// How many times it was read since it got its place, up to three.
        var frequency: UInt8
        var isMain: Bool
    }

    /// A request in progress that reads a key.
    struct Flying {
        let key: [UInt8]
        let group: [UInt8]?
        let ticket: NearTicket
        let flight: NearFlight
        /// The place of the key among those of the flight.
        let position: Int
    }

    /// The approximate cost of an item beyond its key and value: its slot, its places in table and queue, two
    /// allocations.
    static let overhead = 256

    let capacity: Int
    var slots: [Slot] = []
    private var free: [Int] = []
    private var table = IndexTable()

    var small = IndexQueue()
    var main = IndexQueue()
    var ghosts = GhostTable()
    private(set) var bytes = 0
    private(set) var smallBytes = 0
    /// How many items have values.
    private(set) var itemCount = 0

    var stripes = NearStripes()
    var flights: [UInt64: Flying] = [:]
    var counts = NearStatistics()
    /// The process that it belongs to.
    private var process = ForkWatch.count

    init(capacity: Int) { self.capacity = capacity }

    /// Empties this part in a forked child, which has none of the threads that read and write in its parent.
    @inline(__always)
    mutating func checkProcess() { if _slowPath(process != ForkWatch.count) { self = NearShard(capacity: capacity) } }

    // MARK: - Reading

    /// The value of a key, if it is fresh and suits the request.
    @inline(__always)
    mutating func look(
        _ hash: UInt64,
        _ key: RawSpan,
        group: [UInt8]?,
        now: Moment,
        if isWanted: (Value) -> Bool = { _ in true }
    ) -> Value? {
        guard let index = find(hash, key), slots[index].deadline > now, slots[index].group == group,
            let value = slots[index].value, isWanted(value)
        else { return nil }
        noteRead(index)
        counts.hits &+= 1
        return value
    }

    @inline(__always)
    private mutating func noteRead(_ index: Int) {
        if slots[index].frequency < 3 { slots[index].frequency += 1 }
    }

    /// Keeps a value that was read, unless it may be older than the last write.
    mutating func keep(
        _ value: Value,
        _ key: RawSpan,
        group: [UInt8]?,
        _ ticket: NearTicket,
        for lifetime: Moment.Distance
    ) {
        guard let deadline = stripes.deadline(ticket, lifetime), deadline > ticket.start else { return }
        let cost = key.byteCount + (group?.count ?? 0) + value.byteCount + Self.overhead
        guard cost <= capacity / 4 else { return drop(ticket.hash, key) }
        guard let index = find(ticket.hash, key) else {
            insert(
                Slot(
                    hash: ticket.hash,
                    key: Array(copying: key),
                    group: group,
                    value: value.ownBytes,
                    deadline: deadline,
                    cost: cost,
                    frequency: 0,
                    isMain: ghosts.remove(ticket.hash, amongLatest: max(main.count, 16))
                )
            )
            return makeRoom()
        }
        noteRead(index)
        // Another read may have begun later and ended sooner.
        if slots[index].group == group, slots[index].value != nil, slots[index].deadline >= deadline { return }
        slots[index].group = group
        slots[index].deadline = deadline
        setValue(index, value.ownBytes)
        makeRoom()
    }

    /// Drops the value of a key.
    mutating func drop(_ hash: UInt64, _ key: RawSpan) {
        if let index = find(hash, key), slots[index].value != nil { setValue(index, nil) }
    }

    // MARK: - The slots

    @inline(__always)
    private func find(_ hash: UInt64, _ key: RawSpan) -> Int? {
        table.find(hash) { slots[$0].hash == hash && key.equals(slots[$0].key) }
    }

    private mutating func insert(_ slot: Slot) {
        let index: Int
        if let last = free.popLast() {
            index = last
            slots[index] = slot
        } else {
            index = slots.count
            slots.append(slot)
        }
        table.insert(index, slot.hash)
        ghosts.reserve(table.size)
        bytes += slot.cost
        itemCount += 1
        if slot.isMain {
            main.append(index)
        } else {
            small.append(index)
            smallBytes += slot.cost
        }
    }

    /// Moves an item that has left its first queue to the other one.
    mutating func promote(_ index: Int) {
        smallBytes -= slots[index].cost
        slots[index].isMain = true
        slots[index].frequency = 0
        main.append(index)
    }

    /// Frees a slot that has left its queue.
    mutating func remove(_ index: Int) {
        bytes -= slots[index].cost
        if !slots[index].isMain { smallBytes -= slots[index].cost }
        if slots[index].value != nil { itemCount -= 1 }
        table.remove(index, slots[index].hash)
        slots[index].key = []
        slots[index].group = nil
        slots[index].value = nil
        free.append(index)
    }

    mutating func removeAll() {
        slots = []
        free = []
        table = IndexTable()
        small = IndexQueue()
        main = IndexQueue()
        bytes = 0
        smallBytes = 0
        itemCount = 0
    }

    private mutating func setValue(_ index: Int, _ value: Value?) {
        itemCount += (value == nil ? 0 : 1) - (slots[index].value == nil ? 0 : 1)
        slots[index].value = value
        let size = slots[index].key.count + (slots[index].group?.count ?? 0) + (value?.byteCount ?? 0)
        let difference = size + Self.overhead - slots[index].cost
        slots[index].cost += difference
        bytes += difference
        if !slots[index].isMain { smallBytes += difference }
    }
}

extension MemcachedResponse.Value {
    /// The same value with its own memory instead of a shared block, which would be kept as a whole.
    fileprivate var ownBytes: Self {
        guard case .shared = storage else { return self }
        return with(bytes: bytes, flags: flags)
    }
}
