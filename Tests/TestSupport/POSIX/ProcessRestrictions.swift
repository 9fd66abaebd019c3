import Foundation

/// Puts the calling thread, and those that it starts, where there is no network at all; only for the superuser, and in a
/// process of its own.
public func leaveTheNetwork() throws {
    // A GNU extension that Swift's Glibc module hides.
    guard let symbol = unsafe dlsym(nil, "unshare") else { throw SystemError("the system has no unshare") }
    let unshare = unsafe unsafeBitCast(symbol, to: (@convention(c) (CInt) -> CInt).self)
    let newNetwork: CInt = 0x4000_0000
    _ = try check("unshare") { unshare(newNetwork) }
}

/// Runs `body` while the process can open no more files.
public func withoutDescriptors<R>(_ body: () throws -> R) throws -> R {
    var before = rlimit()
    _ = try check("getrlimit") { unsafe getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &before) }
    var none = before
    none.rlim_cur = 0
    _ = try check("setrlimit") { unsafe setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &none) }
    defer { unsafe setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &before) }
    return try body()
}
