import ArgumentParser
import SwiftLibMC

/// A length of time: `500ms`, `2s`, `5m`, `1h`, `7d`, or a number of seconds.
struct Span: ExpressibleByArgument, Equatable {
    let duration: Duration

    private static let units: [(suffix: String, duration: Duration)] = [
        ("ms", .milliseconds(1)), ("s", .seconds(1)), ("m", .seconds(60)), ("h", .seconds(3600)),
        ("d", .seconds(86400)),
    ]

    init(_ duration: Duration) { self.duration = duration }

    init?(argument: String) {
        let unit = Self.units.first { argument.hasSuffix($0.suffix) }
        let digits = argument.dropLast(unit?.suffix.count ?? 0)
        guard let number = Double(digits), number.isFinite, number >= 0, number < 1e9 else { return nil }
        duration = (unit?.duration ?? .seconds(1)) * number
    }
}

extension Span: CustomStringConvertible {
    /// As it is typed.
    var description: String {
        let seconds = duration / .seconds(1)
        if seconds < 1 { return "\(Int(duration / .milliseconds(1)))ms" }
        return seconds.rounded() == seconds ? "\(Int(seconds))s" : "\(seconds)s"
    }
}

/// When an item expires: a length of time from now, `@` and seconds since 1970, `now`, or `never`.
struct Time: ExpressibleByArgument {
    let expiration: Expiration

    static let help = ArgumentHelp(
        "When it expires: 90s, 5m, 2h, 7d, a number of seconds, @ and a Unix time, now, never.",
        valueName: "time"
    )

    init?(argument: String) {
        if argument == "never" {
            expiration = .never
        } else if argument == "now" {
            expiration = .now
        } else if argument.hasPrefix("@") {
            guard let seconds = Int(argument.dropFirst()) else { return nil }
            expiration = .unixTime(seconds)
        } else {
            guard let span = Span(argument: argument) else { return nil }
            // As a number of seconds 0 is never, as everywhere in memcached.
            expiration = span.duration == .zero ? .never : .duration(span.duration)
        }
    }
}
