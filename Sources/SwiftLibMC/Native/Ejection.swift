internal import CLibMemcached

/// Leaves servers out for a while, where libmemcached does not know the names by which keys are placed.
///
/// libmemcached makes ketama's points anew without the servers that it has found dead, and again with them when it is
/// time to try them. Of servers behind a forwarder it knows only the sockets, which place no keys; so the same is done
/// here with a placement of those that remain.
@safe
final class Ejection {
    private let configuration: Configuration
    private let whole: Placement
    private let time: Duration
    /// Until when servers are left out.
    private var deadlines: [Int: Moment] = [:]
    /// The servers that are left out at the moment.
    private var isOut: Set<Int> = []
    /// The placement among the others, and their numbers.
    private var rest: (placement: Placement, positions: [Int])?

    init(_ configuration: Configuration, _ whole: Placement) {
        self.configuration = configuration.withoutTunnels
        self.whole = whole
        // libmemcached counts whole seconds, and waits until more than these have gone by.
        time = (configuration.behaviors.deadTimeout ?? .zero) + .seconds(1)
    }

    /// Whether any server is left out, or about to be.
    var isActive: Bool { !deadlines.isEmpty }

    /// Leaves a server out, from the next ``refresh()`` on.
    func eject(_ position: Int) { deadlines[position] = .now + time }

    /// Includes servers again whose time is over.
    ///
    /// To be called between requests: keys may live elsewhere afterwards.
    func refresh() {
        guard isActive else { return }
        let now = Moment.now
        deadlines = deadlines.filter { $0.value > now }
        let out = Set(deadlines.keys)
        guard out != isOut else { return }
        isOut = out
        rest = placement(without: out)
    }

    /// nil if none, or all, are left out, or if there is no memory for it.
    private func placement(without out: Set<Int>) -> (placement: Placement, positions: [Int])? {
        let positions = configuration.servers.indices.filter { !out.contains($0) }
        guard !out.isEmpty, !positions.isEmpty else { return nil }
        var configuration = configuration
        configuration.servers = positions.map { configuration.servers[$0] }
        guard let placement = try? Placement(configuration) else { return nil }
        return (placement, positions)
    }

    private func position(of routing: RawSpan) -> UInt32 {
        guard let rest else { return UInt32(whole.position(of: routing)) }
        return UInt32(rest.positions[rest.placement.position(of: routing)])
    }

    /// Makes the library ask this object, as a ``Router`` does.
    func install(in pointer: LibraryPointer) {
        unsafe pointer.pointee.hashkit.base_hash.context = Unmanaged.passUnretained(self).toOpaque()
        unsafe pointer.pointee.hashkit.base_hash.function = { key, length, context in
            guard let context = unsafe context else { return 0 }
            let ejection = unsafe Unmanaged<Ejection>.fromOpaque(context).takeUnretainedValue()
            let bytes = unsafe UnsafeRawBufferPointer(start: key, count: length)
            return ejection.position(of: unsafe bytes.bytes)
        }
    }
}

extension Handle {
    /// Prepares for failover among servers behind a forwarder; like libmemcached, only for distributions with points.
    func installEjection() {
        ejection = nil
        guard traits.ejectsServers, configuration.behaviors.placement?.isConsistent == true,
            let placement = configuration.router?.placement
        else { return }
        let ejection = Ejection(configuration, placement)
        unsafe ejection.install(in: pointer)
        self.ejection = ejection
    }

    /// Notes that a server is given up.
    func noteDead(_ position: Int) {
        guard let ejection else { return }
        ejection.eject(position)
        needsSettling = true
    }
}
