/// Takes in the items of a multi-get, each while its bytes are at hand.
///
/// A protocol, and not a closure, so that the compiler makes one loop of fetching and taking: a closure that it can't
/// see through would cost as much for each item as the rest of our work.
protocol ItemSink {
    /// Takes in the item of a key; nothing of the user's may run, because other replies are still to be read.
    mutating func take(_ bytes: RawSpan, of index: Int, flags: Flags, cas: CAS)
}
