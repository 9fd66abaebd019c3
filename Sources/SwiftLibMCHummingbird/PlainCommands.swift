#if Hummingbird
    internal import SwiftLibMC

    /// A cache whose misses are results, and whose failures are errors or misses, whatever the policies of the one
    /// behind it are.
    struct PlainCommands: AsyncForwardingCommands {
        let base: any AsyncMemcachedCommands
        var errors = ErrorPolicy.throwing

        var policies: CommandPolicies { CommandPolicies(errors: errors, onError: base.onError) }
    }
#endif
