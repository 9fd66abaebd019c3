import Harness
import SwiftLibMC

/// Work on many keys at once.
func multiWork(_ settings: Settings, _ client: Client) throws -> Work? {
    let bytes = settings.value
    let text = String(decoding: bytes, as: UTF8.self)
    let keys = (0..<settings.keys).map { "key:\(1_000_000 + $0)" }
    let mapping = Dictionary(uniqueKeysWithValues: keys.map { ($0, bytes) })
    let all = keys.count
    func found(_ count: Int) throws { if count != all { throw Failure("\(count) of \(all) values") } }
    func stored(_ failed: [String]) throws { if !failed.isEmpty { throw Failure("not stored: \(failed.count)") } }
    /// Deletes all keys, of which those of the mapping are there.
    func deleting(_ there: [String: [UInt8]]) -> Work {
        {
            for _ in 0..<$0 {
                pause_clock()
                try stored(client.setMulti(there))
                resume_clock()
                guard try client.deleteMulti(keys) == (there.count == all) else { throw Failure("not what was there") }
            }
        }
    }
    switch (settings.op, settings.style) {
    case ("getMulti", "bytes"):
        try stored(client.setMulti(mapping))
        return { for _ in 0..<$0 { try found(client.getMulti(keys, as: [UInt8].self).count) } }
    case ("getMulti", "string"):
        try stored(client.setMulti(mapping.mapValues { _ in text }))
        return { for _ in 0..<$0 { try found(client.getMulti(keys, as: String.self).count) } }
    case ("getMulti", "array"):
        try stored(client.setMulti(mapping))
        return { for _ in 0..<$0 { try found(client.getMultiArray(keys, as: [UInt8].self).count) } }
    case ("setMulti", _): return { for _ in 0..<$0 { try stored(client.setMulti(mapping)) } }
    case ("deleteMissing", _):
        return { for _ in 0..<$0 { if try client.deleteMulti(keys) { keep(1) } } }
    case ("deleteHalf", _):
        let half = stride(from: 0, to: all, by: 2).map { (keys[$0], bytes) }
        return deleting(Dictionary(uniqueKeysWithValues: half))
    case ("addMulti", _):
        try stored(client.setMulti(mapping))
        return { for _ in 0..<$0 { if try client.addMulti(mapping).count != all { throw Failure("added") } } }
    case ("replaceMulti", _):
        try stored(client.setMulti(mapping))
        return { for _ in 0..<$0 { try stored(client.replaceMulti(mapping)) } }
    case ("touchMulti", _):
        try stored(client.setMulti(mapping))
        return { for _ in 0..<$0 { try stored(client.touchMulti(keys, time: .hours(1))) } }
    case ("incrMulti", _):
        try stored(client.setMulti(mapping.mapValues { _ in 1 }))
        return { for _ in 0..<$0 { try client.incrMulti(keys) } }
    case ("deleteMulti", _): return deleting(mapping)
    default: return nil
    }
}
