/// The general statistics of one server, since it was started: memcached's `stats`.
public struct ServerStatistics: StatisticsTable, Hashable {
    /// The server's answer, by memcached's names.
    public let values: [String: String]

    /// Makes statistics from a server's answer.
    public init(values: [String: String]) { self.values = values }

    /// The server's version, such as `1.6.18`.
    public var version: String? { values["version"] }
    /// The server's process.
    public var pid: Int? { integer("pid") }
    /// How long the server has been running.
    public var uptime: Duration? { integer("uptime").map { .seconds($0) } }
    /// How many threads answer.
    public var threads: Int? { integer("threads") }
    /// How much processor time the server has spent in its own code, in seconds.
    public var rusageUser: Double? { number("rusage_user") }
    /// How much processor time the system has spent for the server, in seconds.
    public var rusageSystem: Double? { number("rusage_system") }

    /// How many items there are.
    public var currItems: Int? { integer("curr_items") }
    /// How many items have ever been stored.
    public var totalItems: Int? { integer("total_items") }
    /// How many bytes the items take.
    public var bytes: Int? { integer("bytes") }
    /// How many bytes items may take.
    public var limitMaxbytes: Int? { integer("limit_maxbytes") }
    /// How many items have been dropped before their time, for lack of memory.
    public var evictions: Int? { integer("evictions") }
    /// How many items have been stored in the memory of expired ones.
    public var reclaimed: Int? { integer("reclaimed") }

    /// How many connections are open.
    public var currConnections: Int? { integer("curr_connections") }
    /// How many connections have ever been made.
    public var totalConnections: Int? { integer("total_connections") }
    /// How many connections were refused, because there were too many.
    public var rejectedConnections: Int? { integer("rejected_connections") }
    /// How many bytes the server has read.
    public var bytesRead: Int? { integer("bytes_read") }
    /// How many bytes the server has written.
    public var bytesWritten: Int? { integer("bytes_written") }

    /// How many keys have been asked for.
    public var cmdGet: Int? { integer("cmd_get") }
    /// The number of storage commands, successful or not.
    public var cmdSet: Int? { integer("cmd_set") }
    /// How many times the server was emptied.
    public var cmdFlush: Int? { integer("cmd_flush") }
    /// How many times an expiration was to be set, successfully or not.
    public var cmdTouch: Int? { integer("cmd_touch") }
    /// How many keys that were asked for had an item.
    public var getHits: Int? { integer("get_hits") }
    /// How many keys that were asked for had none.
    public var getMisses: Int? { integer("get_misses") }
    /// How many items have been deleted.
    public var deleteHits: Int? { integer("delete_hits") }
    /// How many times there was no item to delete.
    public var deleteMisses: Int? { integer("delete_misses") }
    /// How many times a number was counted up.
    public var incrHits: Int? { integer("incr_hits") }
    /// How many times there was no item to count up.
    public var incrMisses: Int? { integer("incr_misses") }
    /// How many times a number was counted down.
    public var decrHits: Int? { integer("decr_hits") }
    /// How many times there was no item to count down.
    public var decrMisses: Int? { integer("decr_misses") }
    /// How many compare-and-swaps succeeded.
    public var casHits: Int? { integer("cas_hits") }
    /// How many compare-and-swaps found no item.
    public var casMisses: Int? { integer("cas_misses") }
    /// How many compare-and-swaps found an item that had changed.
    public var casBadval: Int? { integer("cas_badval") }
    /// How many expirations were set.
    public var touchHits: Int? { integer("touch_hits") }
    /// How many times there was no item whose expiration could be set.
    public var touchMisses: Int? { integer("touch_misses") }

    /// The share of keys asked for that had an item, from 0 to 1; nil before the first was asked for.
    public var hitRatio: Double? {
        guard let getHits, let getMisses, getHits >= 0, getMisses >= 0 else { return nil }
        // Not a sum of integers, for which there may be no room: these are the server's words.
        let sum = Double(getHits) + Double(getMisses)
        return sum > 0 ? Double(getHits) / sum : nil
    }
}
