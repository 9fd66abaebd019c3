#if canImport(FoundationEssentials)
    internal import FoundationEssentials
#else
    internal import Foundation
#endif

extension Expiration: CustomStringConvertible, CustomDebugStringConvertible {
    /// `never`, `now`, a time from now such as `in 60 s`, or a date such as `at 2033-05-18T03:33:20Z`.
    public var description: String {
        switch moment {
        case .never: "never"
        case .now: "now"
        case .after(let seconds): "in \(seconds) s"
        case .at(let seconds): "at \(Self.date(seconds))"
        }
    }

    /// ``description``, and the seconds since 1970 of a date.
    public var debugDescription: String {
        if case .at(let seconds) = moment { "\(self) (\(seconds))" } else { description }
    }

    /// The date, where its year has four digits.
    private static func date(_ seconds: Int64) -> String {
        guard -62_135_596_800..<253_402_300_800 ~= seconds else { return "\(seconds) s after 1970" }
        return Date(timeIntervalSince1970: TimeInterval(seconds)).formatted(.iso8601)
    }
}
