/// Values that name their keys, so that another key's value and a damaged one can be told from the right one.
enum NamedValue {
    /// The value of a key, of any size.
    static func make(_ key: String, size: Int) -> [UInt8] {
        let name = Array("\(key) ".utf8)
        var value = [UInt8]()
        value.reserveCapacity(size + name.count)
        while value.count < size { value += name }
        value.removeLast(value.count - size)
        return value
    }

    /// Keys with their values, of sizes that `size` gives for the numbers of the keys.
    static func pairs(_ keys: [String], size: (Int) -> Int) -> [(String, [UInt8])] {
        keys.enumerated().map { ($1, make($1, size: size($0))) }
    }

    /// The keys among `values` that have something else than their value, of whatever size.
    static func wrong(_ values: [String: [UInt8]]) -> [String] {
        values.filter { $1 != make($0, size: $1.count) }.map(\.key)
    }
}
