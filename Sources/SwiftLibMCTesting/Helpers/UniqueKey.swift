private let keyCount = Locked(0)
private let processName = String(UInt32.random(in: .min ... .max), radix: 36)

/// A key that is used nowhere else: not by another test, another case of the same test, or another process.
///
/// At most 70 bytes, letters, digits and `-` only, so it suits both protocols and leaves room for prefixes.
public func uniqueKey(_ hint: String = #function) -> String {
    let readable = hint.prefix { $0 != "(" }.filter { $0.isASCII && ($0.isLetter || $0.isNumber) }.prefix(40)
    let number = keyCount.withLock { count in
        count += 1
        return count
    }
    return "\(readable)-\(processName)-\(number)"
}

/// `count` keys that are used nowhere else, on all servers: the part that differs comes first, since the usual hash
/// mixes late bytes badly.
public func uniqueKeys(_ count: Int, _ hint: String = #function) -> [String] {
    let base = uniqueKey(hint)
    return (0..<count).map { "\($0)-\(base)" }
}
