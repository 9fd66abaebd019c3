// expect: RawSpan
import SwiftLibMC

func bytesReturned(_ client: Client) throws {
    let bytes: RawSpan? = try client.withBytes("a") { $0 }
    _ = bytes
}
