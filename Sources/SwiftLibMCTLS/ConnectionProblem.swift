#if TLS
    internal import SwiftLibMC

    /// Why there is no connection to a server.
    struct ConnectionProblem: Sendable {
        let code: MemcachedError.Code
        let detail: String
        let errno: CInt?

        init(_ code: MemcachedError.Code, _ detail: String, errno: CInt? = nil) {
            self.code = code
            self.detail = detail
            self.errno = errno
        }
    }
#endif
