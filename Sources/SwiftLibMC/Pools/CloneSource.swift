/// Makes clones of a client on any thread.
///
/// It keeps a clone of its own for that, so that the original stays with its owner, and later changes to it change
/// nothing here.
final class CloneSource: Sendable {
    private let prototype: Monitor<Client>
    private let state: Client.State
    /// How the clients report misses and failures.
    let policies: CommandPolicies
    /// The format of their values, for any thread; without the class's hooks.
    let format: FormatCodec
    /// The codec that converts their values on any thread; nil if the class has hooks of its own.
    let codec: FormatCodec?

    init(_ client: Client) throws(MemcachedError) {
        let clone = try client.clone()
        state = clone.state
        policies = clone.policies
        format = FormatCodec(
            clone.format,
            compression: clone.compression,
            maxInflatedBytes: clone.maxInflatedBytes
        )
        codec = type(of: clone).usesDefaultFormat ? format : nil
        prototype = Monitor(clone)
    }

    /// Makes a clone, as the client's class defines it.
    func make() throws(MemcachedError) -> Transfer<Client> {
        try prototype.withLock { prototype throws(MemcachedError) in
            let clone = try prototype.clone()
            clone.handle.callWatch.mark(CallWatch.watchesAlways)
            // Cloning sets all settings.
            clone.hasNewSettings = false
            return Transfer(clone)
        }
    }

    /// A clone that has been lent, with its own settings again; nil if that fails, and it can't be lent any more.
    func restored(_ transfer: Transfer<Client>) -> Transfer<Client>? {
        guard _slowPath(transfer.object.isChanged) else { return transfer }
        do throws(MemcachedError) {
            try transfer.object.restore(state)
            return transfer
        } catch {
            return nil
        }
    }

    /// Reads something from the client.
    func read<R: Sendable, E: Error>(_ body: (Client) throws(E) -> R) throws(E) -> R {
        try prototype.withLock { prototype throws(E) in try body(prototype) }
    }
}
