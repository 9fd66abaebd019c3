import Foundation
import TestSupport
import Testing

@testable import SwiftLibMC

@Suite("Expirations")
struct ExpirationTests {
    /// A moment of 2023.
    static let now: Int64 = 1_700_000_000
    private static let thirtyDays = 2_592_000
    /// A date that has passed on every server, and that memcached does not take for seconds from now.
    static let longPast: UInt32 = 2_592_001
    static let latestDate = UInt32(Int32.max)

    /// Has the type of every `time:` parameter.
    private func wire(time: Expiration = .never) -> UInt32 { time.wireValue(now: Self.now) }

    // MARK: Literals

    @Test("Numbers and products of numbers are seconds")
    func literalsAreSeconds() {
        #expect(wire() == 0)
        #expect(wire(time: 0) == 0)
        #expect(wire(time: 1) == 1)
        #expect(wire(time: 60 * 60) == 3600)
        #expect(wire(time: 60 * 60 * 24) == 86400)
        #expect(wire(time: 60 * 60 * 24 * 7) == 604_800)
        #expect(wire(time: -1) == Self.longPast)
        let hours = 3
        #expect(wire(time: hours * 3600) == 10800)
        #expect(wire(time: 3600 * hours) == 10800)
        #expect(wire(time: .minutes(2) * hours) == 360)
        #expect(wire(time: hours * .minutes(2)) == 360)
    }

    @Test("Products of plain numbers stay numbers")
    func productsOfIntegersStayIntegers() {
        let product = 60 * 60
        #expect(type(of: product) == Int.self)
    }

    // MARK: Equal times

    static let equalTimes: [(left: Expiration, right: Expiration)] = [
        (.seconds(0), .never), (.minutes(0), .never), (60 * 0, .never),
        (.never * 3, .never),
        (.seconds(-1), .now), (-5, .now), (.days(.min), .now), (.duration(.nanoseconds(-1)), .now), (.now * 3, .now),
        (.duration(.zero), .now), (Expiration(Duration.zero), .now), (.duration(.zero) * 3, .now), (0, .never),
        (Expiration(Duration.seconds(90)), 90), (Expiration(Duration.milliseconds(-1)), .now),
        (.now * -1, .now), (.seconds(60) * -1, .now),
        (.minutes(1), 60), (.hours(1), 3600), (.days(1), 86400), (.minutes(2) * 30, .hours(1)),
        (.duration(.seconds(5)), 5), (.duration(.milliseconds(4001)), 5), (.duration(.nanoseconds(1)), 1),
        (.at(Date(timeIntervalSince1970: 1e9)), .unixTime(1_000_000_000)),
        (.at(Date(timeIntervalSince1970: 1e9 - 0.5)), .unixTime(1_000_000_000)),
        (.unixTime(5) * 2, .unixTime(5)),
    ]

    @Test("Times that mean the same are equal", arguments: equalTimes)
    func equalTimesAreEqual(left: Expiration, right: Expiration) {
        #expect(left == right)
        #expect(left.hashValue == right.hashValue)
    }

    // MARK: On the wire

    static let wireValues: [(time: Expiration, value: UInt32)] = [
        (.never, 0),
        (.now, longPast),
        (.seconds(-1), longPast),
        (.seconds(.min), longPast),
        (.duration(.milliseconds(-500)), longPast),
        (.duration(.milliseconds(500)), 1),
        (.duration(.seconds(1)), 1),
        (.seconds(1), 1),
        (.days(30), 2_592_000),
        (.seconds(thirtyDays + 1), UInt32(now) + 2_592_001),
        (.duration(.seconds(thirtyDays) + .nanoseconds(1)), UInt32(now) + 2_592_001),
        (.days(365), UInt32(now) + 31_536_000),
        (.seconds(Int(latestDate) - Int(now)), latestDate),
        (.seconds(Int(latestDate) - Int(now) + 1), latestDate),
        (.seconds(.max), latestDate),
        (.minutes(.max), latestDate),
        (.hours(.max), latestDate),
        (.days(.max), latestDate),
        (.days(.max) * 1000, latestDate),
        (.minutes(.min), longPast),
        (.duration(.seconds(Int64.max)), latestDate),
        (.duration(.seconds(Int64.max) + .milliseconds(999)), latestDate),
        (.duration(.seconds(Int64.min)), longPast),
        (.unixTime(Int(now) + 1), UInt32(now) + 1),
        (.unixTime(Int(now) + 1_000_000), UInt32(now) + 1_000_000),
        (.unixTime(Int(now)), longPast),
        (.unixTime(Int(now) - 1), longPast),
        (.unixTime(0), longPast),
        (.unixTime(60), longPast),
        (.unixTime(-1), longPast),
        (.unixTime(.min), longPast),
        (.unixTime(Int(latestDate)), latestDate),
        (.unixTime(Int(latestDate) + 1), latestDate),
        (.unixTime(.max), latestDate),
        (.at(Date(timeIntervalSince1970: TimeInterval(now) + 0.25)), UInt32(now) + 1),
        (.at(.distantPast), longPast),
        (.at(.distantFuture), latestDate),
        (.at(Date(timeIntervalSince1970: .infinity)), latestDate),
        (.at(Date(timeIntervalSince1970: -.infinity)), longPast),
        (.at(Date(timeIntervalSince1970: .nan)), longPast),
        (.at(Date(timeIntervalSince1970: 9.3e18)), latestDate),
    ]

    @Test("Times go over the wire as both protocols take them", .hazard(56), arguments: wireValues)
    func wireValueFitsBothProtocols(time: Expiration, value: UInt32) {
        #expect(time.wireValue(now: Self.now) == value)
    }

    static let timesNearTheEnd: [(time: Expiration, now: Int64, value: UInt32)] = [
        (.days(60), Int64(Int32.max) - 2_592_001, latestDate),
        (.days(60), Int64(Int32.max) - 10, 2_592_000),
        (.days(60), Int64(Int32.max) + 10, 2_592_000),
        (.unixTime(Int(Int32.max) + 5), Int64(Int32.max) - 10, 15),
        (.unixTime(Int(Int32.max) + 50), Int64(Int32.max) + 10, 40),
        (.unixTime(Int(Int32.max)), Int64(Int32.max) + 10, longPast),
        (60, .max, 60),
    ]

    @Test("Near and after the last date on the wire a long time is as long as can be", arguments: timesNearTheEnd)
    func dateLimitIsHandled(time: Expiration, now: Int64, value: UInt32) {
        #expect(time.wireValue(now: now) == value)
    }

    @Test("A clock that stands in 1970 or before makes no item immortal", arguments: [Int64.min, -1, 0, 1000])
    func brokenClocksAreSurvived(now: Int64) {
        #expect(Expiration.now.wireValue(now: now) == Self.longPast)
        #expect(Expiration.unixTime(1500).wireValue(now: now) == UInt32(1500 - max(now, 0)))
        #expect(Expiration.days(31).wireValue(now: now) == UInt32(31 * 86400 + max(now, 0)))
        #expect(Expiration.unixTime(0).wireValue(now: now) == Self.longPast)
    }

    @Test("The clock is read only where it matters", arguments: [Expiration.never, .now, 5, .days(30)])
    func clockIsReadOnlyWhereNeeded(time: Expiration) {
        var isRead = false
        func clock() -> Int64 {
            isRead = true
            return Self.now
        }
        _ = time.wireValue(now: clock())
        #expect(!isRead)
    }

    @Test("Without a given moment the system's clock is used")
    func systemClockIsTheDefault() {
        let before = Int64(Date().timeIntervalSince1970)
        let value = Int64(Expiration.days(40).wireValue()) - 40 * 86400
        #expect(before...Int64(Date().timeIntervalSince1970) ~= value)
    }

    // MARK: Units

    static let roundedTimes: [(time: Duration, seconds: Int64, milliseconds: Int64, microseconds: Int64)] = [
        (.zero, 0, 0, 0), (.nanoseconds(1), 1, 1, 1), (.microseconds(1500), 1, 2, 1500),
        (.milliseconds(-1500), -1, -1500, -1_500_000), (.seconds(2), 2, 2000, 2_000_000),
        (.seconds(Int64.max), .max, .max, .max), (.seconds(Int64.min), .min, .min, .min),
        (.seconds(Int64.min) + .milliseconds(-1), .min, .min, .min),
    ]

    @Test("Durations are rounded up to whole units", arguments: roundedTimes)
    func durationsAreRoundedUp(time: Duration, seconds: Int64, milliseconds: Int64, microseconds: Int64) {
        #expect(time.roundedUp(to: .seconds) == seconds)
        #expect(time.roundedUp(to: .milliseconds) == milliseconds)
        #expect(time.roundedUp(to: .microseconds) == microseconds)
    }
}
