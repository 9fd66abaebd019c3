/// Statistics of one server by memcached's own names, some of which have properties.
public protocol StatisticsTable: Sendable {
    /// The server's answer, by memcached's names.
    var values: [String: String] { get }
}

extension StatisticsTable {
    /// A statistic as text, nil if the server did not give it.
    public subscript(name: String) -> String? { values[name] }

    /// A statistic as a whole number, nil if it is missing or not a whole number.
    public func integer(_ name: String) -> Int? { values[name].flatMap { Int($0) } }

    /// A statistic as a number with fractions, nil if it is missing or not a number.
    public func number(_ name: String) -> Double? { values[name].flatMap { Double($0) } }

    /// A statistic as a truth value, nil if it is missing or not a truth value.
    public func flag(_ name: String) -> Bool? {
        switch values[name] {
        case "yes", "on", "1": true
        case "no", "off", "0": false
        default: nil
        }
    }
}
