import SwiftLibMC
import TestSupport

/// What happens to one of several servers, or on the way to it, for a while.
enum ServerFault: String, CaseIterable {
    case none = "nothing"
    case kill = "killed, started again"
    case suspend = "stopped, continued"
    case restart = "restarted"
    case cut = "connections cut"
    case refuse = "connections refused"
    case mute = "replies held back"
    case drip = "replies byte by byte"
    case chance = "delays, splits, stalls, cuts by chance"

    /// Makes it, waits, and puts things right again.
    func happen(to server: MemcachedServer, behind proxy: FaultProxy, for time: Duration) async throws {
        switch self {
        case .none: try await Task.sleep(for: time)
        case .kill:
            server.kill()
            try await Task.sleep(for: time)
            try server.restart()
        case .suspend:
            try server.suspend()
            try await Task.sleep(for: time)
            server.resume()
        case .restart:
            try server.restart()
            try await Task.sleep(for: time)
        case .cut:
            for number in 0..<10 {
                proxy.cutConnections(reset: number.isMultiple(of: 2))
                try await Task.sleep(for: time / 10)
            }
        case .refuse: try await spoil(proxy, .refuse, for: time)
        case .mute: try await spoil(proxy, .muteReplies, for: time)
        case .drip: try await spoil(proxy, .dripReplies(pause: .milliseconds(20)), for: time)
        case .chance: try await spoil(proxy, .chance(.init()), for: time)
        }
    }

    private func spoil(_ proxy: FaultProxy, _ fault: Fault, for time: Duration) async throws {
        proxy.fault = fault
        try await Task.sleep(for: time)
        proxy.fault = .pass
        // What was held back is not to be passed on now.
        proxy.cutConnections(reset: true)
    }
}
