import TestSupport
import Testing

@testable import SwiftLibMC

@Suite("Monitor") struct MonitorTests {
    @Test("In a forked child, state that another thread may have been changing begins anew", .enabled(if: canFork))
    func aChildsState() {
        let inherited = Monitor([1])
        let renewed = Monitor([1], inChildren: { [] })
        let status = inForkedChild { inherited.withLock { $0 == [1] } && renewed.withLock { $0.isEmpty } }
        #expect(status == 0)
        #expect(renewed.withLock { $0 } == [1])
    }
}
