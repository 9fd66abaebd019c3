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

/// Runs `body` on the processors that the calling thread is kept away from; threads that it starts stay there.
///
/// If there are none, or the system can't do it, it just runs `body`.
public func onOtherProcessors<R>(_ body: () throws -> R) rethrows -> R {
    typealias Function = @convention(c) (pid_t, Int, UnsafeMutableRawPointer) -> CInt
    // GNU extensions that Swift's Glibc module hides.
    guard let get = unsafe dlsym(nil, "sched_getaffinity"), let set = unsafe dlsym(nil, "sched_setaffinity") else {
        return try body()
    }
    func call(_ symbol: UnsafeMutableRawPointer, _ processors: inout [UInt64]) -> Bool {
        let size = processors.count * MemoryLayout<UInt64>.size
        return unsafe processors.withUnsafeMutableBytes { bytes in
            unsafe unsafeBitCast(symbol, to: Function.self)(0, size, bytes.baseAddress.unsafelyUnwrapped) >= 0
        }
    }
    var own = [UInt64](repeating: 0, count: 16)
    guard unsafe call(get, &own) else { return try body() }
    var others = own.map(~)
    guard unsafe call(set, &others) else { return try body() }
    defer { _ = unsafe call(set, &own) }
    return try body()
}
