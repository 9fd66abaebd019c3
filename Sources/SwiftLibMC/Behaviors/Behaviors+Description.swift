extension Behaviors: CustomStringConvertible, CustomDebugStringConvertible {
    /// The settings that are not nil, by pylibmc's names and in its units, such as `hash=md5, connect_timeout=200`.
    public var description: String {
        let dictionary = pylibmcDictionary
        let entries = Setting.all.compactMap { setting in dictionary[setting.name].map { "\(setting.name)=\($0)" } }
        return entries.isEmpty ? "no behaviors" : entries.joined(separator: ", ")
    }

    /// ``description``, with libmemcached's numbers of hashes and of the distribution.
    public var debugDescription: String {
        let numbers = [
            hash.map { "hash \($0.rawValue)" }, ketamaHash.map { "ketama_hash \($0.rawValue)" },
            distribution.map { "distribution \($0.rawValue)" },
        ].compactMap(\.self)
        return numbers.isEmpty ? description : "\(self) (\(numbers.joined(separator: ", ")))"
    }
}
