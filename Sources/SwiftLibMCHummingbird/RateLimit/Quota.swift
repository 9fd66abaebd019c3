#if Hummingbird
    internal import HTTPTypes
    internal import Hummingbird

    /// The requests of a client in a window, as reported in its responses.
    struct Quota {
        let limit: Int
        let window: Duration
        let count: UInt64
        /// The seconds until the window ends.
        let left: Double

        var isExceeded: Bool { count > UInt64(limit) }

        /// The headers from the drafts of the IETF's HTTPAPI group up to the sixth, which clients know.
        var headers: HTTPFields {
            let wait = "\(max(1, Int(left.rounded(.up))))"
            var headers: HTTPFields = [
                .rateLimit("Limit"): "\(limit)",
                .rateLimit("Remaining"): "\(isExceeded ? 0 : UInt64(limit) - count)",
                .rateLimit("Reset"): wait,
                .rateLimit("Policy"): "\(limit);w=\(max(1, Int((window / .seconds(1)).rounded(.up))))",
            ]
            if isExceeded { headers[.retryAfter] = wait }
            return headers
        }
    }

    extension HTTPField.Name {
        fileprivate static func rateLimit(_ name: String) -> Self {
            guard let name = Self("RateLimit-\(name)") else { preconditionFailure("not the name of a header") }
            return name
        }
    }

    extension HTTPFields {
        /// Sets fields, replacing those that have the same names.
        mutating func set(_ fields: HTTPFields) {
            for field in fields { self[field.name] = field.value }
        }
    }

    /// An error whose response has more headers.
    struct ErrorWithHeaders: HTTPResponseError {
        let error: any HTTPResponseError
        let headers: HTTPFields

        var status: HTTPResponse.Status { error.status }

        func response(from request: Request, context: some RequestContext) throws -> Response {
            var response = try error.response(from: request, context: context)
            response.headers.set(headers)
            return response
        }
    }
#endif
