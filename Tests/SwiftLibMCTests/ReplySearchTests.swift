import Testing

@testable import SwiftLibMC

/// The order in which replies are matched with the keys that were asked for.
@Suite struct ReplySearchTests {
    /// The positions of `order`, each searched as replies come in, and how many keys were looked at on the way.
    private func looks(for order: [Int], among count: Int, servers: Int) -> (found: [Int], looks: Int) {
        var search = ReplySearch(0..<count, servers: servers)
        var (found, looks) = ([Int](), 0)
        for wanted in order {
            let isThere = search.find { position in
                looks += 1
                return position == wanted
            }
            guard isThere else { continue }
            found.append(search.cursor)
            search.advance()
        }
        return (found, looks)
    }

    @Test func repliesInOrderTakeOneLookEach() {
        let order = Array(0..<1000)
        let result = looks(for: order, among: 1000, servers: 1)
        #expect(result.found == order)
        #expect(result.looks == 1000)
    }

    @Test func missesAreSteppedOver() {
        let order = Array(stride(from: 0, to: 1000, by: 5))
        #expect(looks(for: order, among: 1000, servers: 1).found == order)
    }

    @Test(arguments: [2, 3, 10]) func serversMayTakeTurns(servers: Int) {
        let count = 3000
        // Blocks of 20 replies of each server, whose keys lie between those of the others.
        let own = (0..<servers).map { server in Array(stride(from: server, to: count, by: servers)) }
        var order: [Int] = []
        for block in stride(from: 0, to: count / servers, by: 20) {
            for positions in own { order += positions[block..<min(block + 20, positions.count)] }
        }
        let result = looks(for: order, among: count, servers: servers)
        #expect(result.found == order)
        #expect(result.looks < order.count * (servers + 10 * servers), "far from one look for each key of each reply")
    }

    @Test func anyOrderIsFound() {
        let order = Array((0..<500).reversed())
        #expect(looks(for: order, among: 500, servers: 3).found == order)
    }

    @Test func whatWasNotAskedForIsNotFound() {
        #expect(looks(for: [7, 500, 8], among: 100, servers: 2).found == [7, 8])
    }
}
