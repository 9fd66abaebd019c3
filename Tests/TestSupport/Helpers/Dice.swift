/// Chance that is the same in every run with the same seed.
public struct Dice: RandomNumberGenerator, Sendable {
    private var state: UInt64

    /// Makes dice that fall alike for equal seeds.
    public init(_ seed: UInt64) { state = seed }

    /// The next 64 random bits.
    public mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    /// A number from 0 up to, but not including, `end`.
    public mutating func below(_ end: Int) -> Int { Int.random(in: 0..<end, using: &self) }
    /// True once in `of` times.
    public mutating func chance(_ of: Int) -> Bool { below(of) == 0 }
    /// One of the choices.
    public mutating func one<T>(of choices: [T]) -> T { choices[below(choices.count)] }
}
