import Testing

@testable import SwiftLibMC

/// The clock that limits go by.
@Suite struct MomentTests {
    /// Who reads the clock twice may find that a limit which had not passed the first time has passed the second time.
    @Test func theTimeLeftUntilAMomentThatHasPassedIsNone() {
        let earlier = Moment(nanoseconds: 5)
        let later = Moment(nanoseconds: 7)
        #expect((later - earlier).nanoseconds == 2)
        #expect((earlier - later).nanoseconds == 0)
        #expect((earlier - earlier).nanoseconds == 0)
    }

    @Test func noDurationIsTooLong() {
        let longest = Moment.Distance(.seconds(Int64.max))
        #expect(Moment.now + longest > .now)
        #expect(Moment.now + longest + longest > .now + longest)
        #expect(Moment.Distance(.seconds(-1)).nanoseconds == 0)
    }
}
