internal import CPlatform

/// The number of the last error of a system call on this thread.
///
/// In the C libraries it is a macro, which their Swift modules turn into a variable; this works with all of them.
var errno: CInt { swiftlibmc_errno() }

/// The system's option numbers, for code that makes sockets by other means.
package enum SocketOptions {
    /// TCP's option for the seconds after which an idle connection is tested.
    package static var keepIdle: CInt { swiftlibmc_keep_idle }
}
