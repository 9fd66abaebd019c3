import Foundation
public import Testing

/// How much time the tests may take: `SWIFTLIBMC_EFFORT`, which `Scripts/test --quick` and `--full` set.
public enum Effort: String, Sendable {
    case quick, normal, full

    /// The one of this run.
    public static let current =
        ProcessInfo.processInfo.environment["SWIFTLIBMC_EFFORT"].flatMap(Effort.init) ?? .normal
}

extension Trait where Self == ConditionTrait {
    /// For tests that take long without finding much that others don't: `Scripts/test --quick` leaves them out.
    public static var slow: Self { .enabled(if: Effort.current != .quick, "left out by --quick") }

    /// For tests that continuous integration has no time for: only `Scripts/test --full` runs them.
    public static var full: Self { .enabled(if: Effort.current == .full, "run by --full only") }
}
