import Foundation

/// A system call that failed, or a fixture that could not do its work.
package struct SystemError: Error, CustomStringConvertible {
    /// What went wrong, in one sentence.
    package let description: String
    /// The `errno` behind it, 0 if there is none.
    package let code: CInt

    /// An error with a sentence of its own.
    package init(_ description: String) {
        self.description = description
        self.code = 0
    }

    /// A system call's error.
    package init(call: String, code: CInt) {
        self.description = "\(call): \(POSIXErrorCode(rawValue: code).map(String.init(describing:)) ?? "errno \(code)")"
        self.code = code
    }
}

/// Calls `body` again for as long as a signal interrupts it, and throws for any other -1.
package func check(_ call: String, _ body: () -> CInt) throws(SystemError) -> CInt {
    while true {
        let result = body()
        if result != -1 { return result }
        let code = errno
        if code != EINTR { throw SystemError(call: call, code: code) }
    }
}
