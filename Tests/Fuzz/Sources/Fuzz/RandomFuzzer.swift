#if !LIBFUZZER
    import Foundation

    /// What stands in for libFuzzer where that does not link: mutates the corpus by chance, the same for the same seed.
    struct RandomFuzzer {
        private struct Dice: RandomNumberGenerator {
            var state: UInt64

            mutating func next() -> UInt64 {
                state &+= 0x9E37_79B9_7F4A_7C15
                var mixed = state
                mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
                mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
                return mixed ^ (mixed >> 31)
            }

            mutating func below(_ end: Int) -> Int { Int.random(in: 0..<max(1, end), using: &self) }
        }

        private let target: FuzzTarget
        private var seconds = 10.0
        private var prefix = "./"
        private var corpus: [[UInt8]] = [[]]
        private var dice = Dice(state: UInt64.random(in: 0...UInt64(UInt32.max)))

        init(_ target: FuzzTarget, _ options: [String]) throws {
            self.target = target
            for option in options {
                let parts = option.split(separator: "=", maxSplits: 1).map(String.init)
                switch parts[0] {
                case "-max_total_time": seconds = parts.last.flatMap(Double.init) ?? seconds
                case "-artifact_prefix": prefix = parts.last ?? prefix
                case "-seed": dice.state = parts.last.flatMap(UInt64.init) ?? dice.state
                case let folder where !folder.hasPrefix("-"):
                    for name in try FileManager.default.contentsOfDirectory(atPath: folder).sorted() {
                        corpus.append(Array(try Data(contentsOf: URL(filePath: folder).appending(path: name))))
                    }
                default: break
                }
            }
        }

        mutating func run() throws {
            print("\(target.name): seed \(dice.state), without libFuzzer")
            let end = Date() + seconds
            // What the process dies of is in this file.
            let last = URL(filePath: "\(prefix)crash-\(target.name)")
            var count = 0
            while Date() < end {
                let input = mutated(corpus[dice.below(corpus.count)])
                try Data(input).write(to: last)
                target.run(input)
                count += 1
            }
            try FileManager.default.removeItem(at: last)
            print("Done \(count) runs in \(Int(seconds)) second(s)")
        }

        private mutating func mutated(_ input: [UInt8]) -> [UInt8] {
            var bytes = input
            for _ in 0...dice.below(8) {
                let place = dice.below(bytes.count + 1)
                let rest = bytes.count - place
                switch dice.below(6) {
                case 0 where rest > 0: bytes[place] ^= 1 << UInt8(dice.below(8))
                case 1 where rest > 0: bytes[place] = UInt8(dice.below(256))
                case 2: bytes.insert(UInt8(dice.below(256)), at: place)
                case 3 where rest > 0: bytes.removeSubrange(place..<place + 1 + dice.below(rest))
                case 4 where rest > 0: bytes.insert(contentsOf: bytes[place..<place + 1 + dice.below(rest)], at: place)
                default:
                    let other = corpus[dice.below(corpus.count)]
                    bytes.insert(contentsOf: other.prefix(dice.below(other.count + 1)), at: place)
                }
            }
            return Array(bytes.prefix(1 << 16))
        }
    }
#endif
