// Only the loops that take in replies are specialised for each sink: specialising all of a multi-get would make builds
// of the library noticeably longer.

extension MultiGet {
    /// Takes in the replies to a request, from a stream if it was sent in the text protocol.
    typealias Taking = (inout MultiGet, Candidates, LineStream?) throws(MemcachedError) -> Ending

    /// The keys that a request was for: a range of them, or some others.
    @safe
    struct Candidates {
        let count: Int
        private let first: Int
        /// Points into an array.
        private let others: UnsafePointer<Int>?

        init(_ range: Range<Int>) {
            count = range.count
            first = range.lowerBound
            unsafe others = nil
        }

        fileprivate init(_ others: UnsafeBufferPointer<Int>) {
            count = others.count
            first = 0
            unsafe self.others = others.baseAddress
        }

        @inline(__always)
        subscript(position: Int) -> Int {
            guard let others = unsafe others else { return first + position }
            return unsafe others[position]
        }
    }

    /// Fetches everything, and calls `meanwhile`, if there is time for it, while the servers are at work; it must leave
    /// the handle alone.
    mutating func run(into sink: inout some ItemSink, meanwhile: () -> Void = {}) throws(MemcachedError) {
        try run(meanwhile) { run, candidates, stream throws(MemcachedError) in
            guard let stream else { return try run.take(candidates, &sink) }
            var ending = Ending()
            ending.inText = run.take(candidates, stream, &sink)
            return ending
        }
    }

    mutating func take(
        _ indices: ArraySlice<Int>,
        _ stream: LineStream?,
        _ taking: Taking
    ) throws(MemcachedError) -> Ending {
        try unsafe indices.withUnsafeBufferPointer { indices throws(MemcachedError) in
            try unsafe taking(&self, Candidates(indices), stream)
        }
    }
}
