import Foundation

/// Where programs are.
package enum Executable {
    /// The absolute path of a program.
    package static func path(of name: String) throws(SystemError) -> String {
        guard let path = find(name) else { throw SystemError("\(name) is not installed") }
        return path
    }

    /// The absolute path of a program, nil if it is not installed.
    package static func find(_ name: String) -> String? {
        let path = ProcessInfo.processInfo.environment["PATH"] ?? ""
        // saslpasswd2 lives in /usr/sbin, which only root has on the PATH in Debian.
        let directories = path.split(separator: ":").map(String.init) + ["/usr/bin", "/usr/sbin", "/sbin"]
        return directories.map { "\($0)/\(name)" }.first { FileManager.default.isExecutableFile(atPath: $0) }
    }

    /// The path of a program of this package, built together with the tests.
    package static func built(_ name: String) -> String {
        // The tests are a bundle of their own on some systems; on all, the program is in the folder of built products.
        var folder = Bundle(for: Marker.self).bundleURL
        while folder.path != "/" {
            let candidate = folder.appending(path: name).path
            if FileManager.default.isExecutableFile(atPath: candidate) { return candidate }
            folder.deleteLastPathComponent()
        }
        return name
    }

    private final class Marker {}
}
