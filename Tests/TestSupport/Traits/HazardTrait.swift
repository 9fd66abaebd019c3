public import Testing

/// Says which of libmemcached's hazards a test shows to be kept away.
public struct HazardTrait: SuiteTrait, TestTrait {
    let numbers: [Int]

    /// What a suite is about its tests are.
    public var isRecursive: Bool { true }

    /// Shown when the test fails.
    public var comments: [Comment] {
        ["about \(numbers.map(String.init).joined(separator: ", ")) of Documentation/Hazards.md"]
    }
}

extension Trait where Self == HazardTrait {
    /// The numbers of hazards in Documentation/Hazards.md, such as `.hazard(17, 18)`.
    ///
    /// `Scripts/hazards` finds a hazard's tests by them, and `Scripts/check` the hazards without a test; so the numbers
    /// stand there as such.
    public static func hazard(_ numbers: Int...) -> Self { Self(numbers: numbers) }
}
