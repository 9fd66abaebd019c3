internal import CLibMemcached
internal import CPlatform

// With failover, the keys of a server that hangs move like those of one that refuses connections. libmemcached only
// leaves out the latter (hazard 32), so the former is removed from its circle here.

extension Handle {
    /// Gives the keys of servers that keep timing out to the next ones on the circle, until it is time to ask them
    /// again.
    ///
    /// That is where libmemcached would place them if the server were not there. When it is time to try the server
    /// again, libmemcached rebuilds the circle by itself.
    func leaveOutStalledServers() {
        guard Library.isKnown, traits.ejectsServers, let seconds = stalls.secondsLeft else { return }
        guard let circle = unsafe Circle(of: pointer, servers: servers.count) else { return }
        guard unsafe circle.leaveOut(where: stalls.isLeftOut) else { return }
        // The library counts whole seconds, and waits until more than these have gone by.
        let rebuild = time(nil) + time_t(seconds)
        let planned = unsafe pointer.pointee.ketama.next_distribution_rebuild
        unsafe pointer.pointee.ketama.next_distribution_rebuild = planned == 0 ? rebuild : min(planned, rebuild)
    }
}

/// libmemcached's circle of points, each of which names the server that has the keys before it.
///
/// A point is private to the library, and the same in all versions 1.1.
@unsafe
private struct Circle {
    /// A server's number, and the place on the circle.
    typealias Point = (server: UInt32, place: UInt32)

    private let points: UnsafeMutableBufferPointer<Point>

    /// The circle of a library object; nil if it has none, or it does not look like one.
    init?(of pointer: LibraryPointer, servers: Int) {
        let count = unsafe Int(pointer.pointee.ketama.continuum_points_counter)
        guard count > 0, let start = unsafe pointer.pointee.ketama.continuum else { return nil }
        unsafe points = UnsafeMutableRawPointer(start).assumingMemoryBound(to: Point.self).buffer(count)
        var last: UInt32 = 0
        for index in unsafe points.indices {
            let point = unsafe points[index]
            guard point.server < servers, point.place >= last else { return nil }
            last = point.place
        }
    }

    /// Gives the points of some servers to those that follow; false if there were none, or none that could follow.
    func leaveOut(where isLeftOut: (Int) -> Bool) -> Bool {
        guard var next = unsafe points.first(where: { !isLeftOut(Int($0.server)) })?.server else { return false }
        var hasChanged = false
        for index in unsafe points.indices.reversed() {
            if isLeftOut(Int(unsafe points[index].server)) {
                unsafe points[index].server = next
                hasChanged = true
            } else {
                next = unsafe points[index].server
            }
        }
        return hasChanged
    }
}

extension UnsafeMutablePointer {
    fileprivate func buffer(_ count: Int) -> UnsafeMutableBufferPointer<Pointee> {
        unsafe UnsafeMutableBufferPointer(start: self, count: count)
    }
}
