extension Behaviors {
    /// The part of libmemcached's state that decides on a key's server, as made by settings.
    ///
    /// Some settings change the effect of others. They are applied in pylibmc's order, that of a table inside it: the
    /// order in a Python dictionary does not count.
    struct KeyPlacement: Equatable {
        private(set) var hash: Hash?
        private(set) var ketamaHash: Hash?
        private(set) var distribution: Distribution?
        /// Whether points are made as for weights; not every distribution heeds it or sets it.
        private(set) var isWeighted = false

        /// The state of a new client with these settings, nil where they are silent.
        init(_ behaviors: Behaviors) { apply(behaviors) }

        /// The state after more settings are applied.
        func changed(by behaviors: Behaviors) -> Self {
            var changed = self
            changed.apply(behaviors)
            return changed
        }

        private mutating func apply(_ behaviors: Behaviors) {
            for step in behaviors.placementSteps {
                switch step {
                case .hash(let value): hash = value
                case .ketamaHash(let value): ketamaHash = value
                case .ketama(let isOn): distribute(isOn ? .consistentKetama : .modula)
                case .ketamaWeighted(false): distribute(.consistentKetama)
                case .ketamaWeighted(true):
                    (hash, ketamaHash) = (.md5, .md5)
                    distribute(.consistentWeighted)
                case .distribution(let value): distribute(value)
                }
            }
        }

        private mutating func distribute(_ distribution: Distribution) {
            self.distribution = distribution
            switch distribution {
            case .consistent, .consistentKetama: isWeighted = false
            case .consistentWeighted: isWeighted = true
            case .modula, .random, .consistentKetamaSpy, .virtualBucket, .consistentMax: break
            }
        }
    }

    /// One call of `memcached_behavior_set`.
    enum PlacementStep {
        case hash(Hash)
        case ketamaHash(Hash)
        case ketama(Bool)
        case ketamaWeighted(Bool)
        case distribution(Distribution)
    }

    /// The settings that decide on the server of a key, in the order in which they are applied.
    var placementSteps: [PlacementStep] {
        let hashes = [hash.map(PlacementStep.hash), ketamaHash.map(PlacementStep.ketamaHash)]
        let ketamas = [ketama.map(PlacementStep.ketama), ketamaWeighted.map(PlacementStep.ketamaWeighted)]
        let steps = hashesPrevail ? ketamas + hashes : hashes + ketamas
        return (steps + [distribution.map(PlacementStep.distribution)]).compactMap(\.self)
    }

    /// States a placement, replacing the settings about it.
    mutating func state(_ placement: KeyPlacement) {
        (hash, ketamaHash, distribution) = (placement.hash, placement.ketamaHash, placement.distribution)
        (ketama, ketamaWeighted, hashesPrevail) = (nil, nil, false)
        guard KeyPlacement(self) != placement else { return }
        // What is left of weighted ketama under another distribution.
        (ketamaWeighted, hashesPrevail) = (true, true)
        (hash, ketamaHash) = (hash ?? .default, ketamaHash ?? .default)
    }
}
