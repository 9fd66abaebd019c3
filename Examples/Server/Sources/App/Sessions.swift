import Hummingbird

/// Sessions that end an hour after the browser's last request.
struct Sessions {
    struct Session: Codable, ResponseEncodable {
        var name: String
        var visits = 0
    }

    let persist: any PersistDriver

    func addRoutes(to group: RouterGroup<AppContext>) {
        group.post { request, context -> EditedResponse<Session> in
            let session = try await request.decode(as: NewSession.self, context: context)
            let id = (0..<4).map { _ in String(UInt64.random(in: .min ... .max), radix: 36) }.joined()
            try await persist.create(key: id, value: Session(name: session.name), expires: .seconds(3600))
            let cookie = Cookie(name: "session", value: id, path: "/", httpOnly: true, sameSite: .lax)
            return EditedResponse(
                status: .created,
                headers: [.setCookie: cookie.description],
                response: Session(name: session.name)
            )
        }
        group.get { request, _ -> Session in
            guard let id = request.cookies["session"]?.value,
                var session = try await persist.get(key: id, as: Session.self)
            else { throw HTTPError(.unauthorized) }
            session.visits += 1
            try await persist.set(key: id, value: session, expires: .seconds(3600))
            return session
        }
        group.delete { request, _ -> HTTPResponse.Status in
            if let id = request.cookies["session"]?.value { try await persist.remove(key: id) }
            return .noContent
        }
    }

    private struct NewSession: Decodable {
        var name: String
    }
}
