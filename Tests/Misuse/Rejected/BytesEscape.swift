// expect: lifetime-dependent
import SwiftLibMC

func bytesEscape(_ client: Client) throws {
    var kept = RawSpan()
    _ = try client.withBytes("a") { kept = $0 }
    print(kept.byteCount)
}
