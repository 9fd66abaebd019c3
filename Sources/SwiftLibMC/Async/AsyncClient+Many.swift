// Requests for many keys are divided by server, and each part goes to a thread for that server: so a server that hangs
// holds up no other server's keys.

extension AsyncClient {
    /// The keys of a request that live on one server.
    private struct Part: Sendable {
        let position: Int
        var indices: [Int]
    }

    func carryOutMany(
        _ request: MemcachedRequest,
        until deadline: Moment
    ) async throws(MemcachedError) -> MemcachedResponse {
        let table = routes.current
        let parts = try parts(of: request, table)
        guard let first = parts.first else {
            let route = RouteTable.Route(worker: threads.forServers, queue: 0)
            return try await carryOut(request, by: route, until: deadline)
        }
        let turn = threads.nextTurn
        if parts.count == 1 {
            return try await carryOut(request, by: table.route(to: first.position, turn: turn), until: deadline)
        }
        var results = [MemcachedResponse.Result](repeating: .unreachable, count: request.keys.count)
        var failures: [MemcachedResponse.Failure] = []
        var isAnswered = false
        for (part, outcome) in await outcomes(of: parts, request, table, turn, until: deadline) {
            do throws(MemcachedError) {
                let response = try outcome.get()
                for (index, result) in zip(part.indices, response.results) { results[index] = result }
                failures += response.failures
                isAnswered = isAnswered || !response.noServerAnswered
            } catch {
                guard error.isOfServer else { throw error }
                failures.append(MemcachedResponse.Failure(server: table.servers[part.position], error: error))
            }
        }
        return MemcachedResponse(results, failures: failures, noServerAnswered: !failures.isEmpty && !isAnswered)
    }

    private func outcomes(
        of parts: [Part],
        _ request: MemcachedRequest,
        _ table: RouteTable,
        _ turn: UInt,
        until deadline: Moment
    ) async -> [(Part, Result<MemcachedResponse, MemcachedError>)] {
        typealias Outcome = Result<MemcachedResponse, MemcachedError>
        return await withTaskGroup(of: (Part, Outcome).self) { group in
            for part in parts {
                group.addTask {
                    do throws(MemcachedError) {
                        let route = table.route(to: part.position, turn: turn)
                        let own = request.narrowed(to: part.indices)
                        return (part, Outcome.success(try await self.carryOut(own, by: route, until: deadline)))
                    } catch {
                        return (part, Outcome.failure(error))
                    }
                }
            }
            return await group.reduce(into: []) { $0.append($1) }
        }
    }

    /// Divides the keys by server, after all have been checked; there are none if the request is not to be divided.
    private func parts(of request: MemcachedRequest, _ table: RouteTable) throws(MemcachedError) -> [Part] {
        if threads.keyed == 1 || request.keys.isEmpty || request.needsHooks { return [] }
        var parts: [Part] = []
        // The index of each server's part.
        var places = [Int?](repeating: nil, count: table.servers.count)
        for index in 0..<request.keys.count {
            let position = try request.keys.withKeyBytes(of: index) { key, routing throws(MemcachedError) in
                do throws(MemcachedError) {
                    try keyRules.check(key, for: request.operation)
                } catch {
                    throw request.named(error, by: request.keys.list[index])
                }
                return table.position(of: routing)
            }
            if let place = places[position] {
                parts[place].indices.append(index)
            } else {
                places[position] = parts.count
                parts.append(Part(position: position, indices: [index]))
            }
        }
        return parts
    }
}

extension MemcachedRequest {
    /// Whether values still have to be encoded, which has to succeed for all of them before any is stored.
    fileprivate var needsHooks: Bool {
        guard case .store(let values, _, _) = action else { return false }
        return values.contains { if case .object = $0 { true } else { false } }
    }
}

extension MemcachedError {
    /// Whether the error concerns one server, so that the keys of others need not share it.
    fileprivate var isOfServer: Bool {
        switch code {
        case .badKey, .invalidArguments, .notSupported, .serialization, .cancelled, .overloaded, .shutdown: false
        default: true
        }
    }
}
