import SwiftLibMC

// The type of errors is kept by existentials and generics alike.
func one(_ cache: any AsyncMemcachedCommands) async throws(MemcachedError) -> [Int: String] {
    try await cache.getMulti([1, 2])
}

func two(_ cache: some AsyncMemcachedCommands) async -> MemcachedError? {
    do throws(MemcachedError) {
        try await cache.set("key", [1])
    } catch {
        return error
    }
    return nil
}
