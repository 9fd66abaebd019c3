/// Takes in the items of a multi-get, each while its bytes are at hand.
///
/// A protocol, and not a closure, so that the compiler makes one loop of fetching and taking: a closure that it can't
/// see through would cost as much for each item as the rest of the work here.
protocol ItemSink {
    /// Takes in the item of a key; no code of the user may run, because other replies still have to be read.
    mutating func take(_ bytes: RawSpan, of index: Int, flags: Flags, cas: CAS)
}
