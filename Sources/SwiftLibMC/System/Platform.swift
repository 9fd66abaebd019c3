internal import CPlatform

/// The number of the last error of a system call on this thread.
///
/// The C libraries' own is a macro, which their Swift modules make a variable of; this is one for all.
var errno: CInt { swiftlibmc_errno() }

/// Numbers of the system's for whoever makes sockets by other means.
package enum SocketOptions {
    /// TCP's option for the seconds after which an idle connection is tested.
    package static var keepIdle: CInt { swiftlibmc_keep_idle }
}
