// expect: does not conform to expected type 'AsyncMemcachedCommands'
import SwiftLibMC

func wrap(_ client: Client) -> AsyncPrefixedCommands { AsyncPrefixedCommands(client, prefix: "p") }
