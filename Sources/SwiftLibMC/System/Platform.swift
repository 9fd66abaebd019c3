internal import CPlatform

/// The number of the last error of a system call on this thread.
///
/// The C libraries' own is a macro, which their Swift modules make a variable of; this is one for all.
var errno: CInt { swiftlibmc_errno() }
