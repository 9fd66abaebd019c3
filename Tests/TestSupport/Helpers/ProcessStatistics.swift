import Foundation

/// How many file descriptors this process has open.
public func openDescriptorCount() throws -> Int {
    // One of them is the directory that is being read here.
    try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").count - 1
}

/// How many threads this process has.
public func threadCount() throws -> Int {
    try FileManager.default.contentsOfDirectory(atPath: "/proc/self/task").count
}

/// How much memory this process has in use (its resident set), in bytes.
public func residentMemory() throws -> Int {
    let fields = try String(contentsOfFile: "/proc/self/statm", encoding: .utf8).split(separator: " ")
    guard fields.count > 1, let pages = Int(fields[1]) else { throw SystemError("cannot read /proc/self/statm") }
    return pages * sysconf(CInt(_SC_PAGESIZE))
}

/// The state of a process, or a thread, as the kernel calls it: `R` running, `S` sleeping, `T` stopped, `Z` ended; nil:
/// there is none.
public func processState(_ processIdentifier: Int32) -> Character? {
    let line = try? String(contentsOfFile: "/proc/\(processIdentifier)/stat", encoding: .utf8)
    // The name before it, in brackets, may contain anything.
    guard let line, let bracket = line.lastIndex(of: ")") else { return nil }
    return line[bracket...].dropFirst(2).first
}
