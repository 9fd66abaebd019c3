// Types that tests of code with a cache also need: the cache in memory, and its clock.
@_exported public import struct SwiftLibMC.AsyncMockClient
@_exported public import class SwiftLibMC.MockClient
@_exported public import class SwiftLibMC.MockClock
