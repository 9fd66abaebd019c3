import ArgumentParser
import Foundation
import Synchronization

/// What kind of streams the program was given.
enum Terminal {
    static let hasInput = isatty(0) == 1
    static let hasOutput = isatty(1) == 1
    static let hasErrors = isatty(2) == 1

    private static let environment = ProcessInfo.processInfo.environment
    // https://no-color.org
    private static let wantsColours = (environment["NO_COLOR"] ?? "").isEmpty && environment["TERM"] != "dumb"

    /// A way to make text stand out.
    enum Style: String {
        case bold = "1"
        case dim = "2"
        case red = "31"
        case green = "32"
    }

    /// The text, in a style if the standard output shows any.
    static func styled(_ text: String, _ style: Style) -> String { styled(text, style, if: hasOutput) }

    private static func styled(_ text: String, _ style: Style, if isTerminal: Bool) -> String {
        isTerminal && wantsColours ? "\u{1B}[\(style.rawValue)m\(text)\u{1B}[0m" : text
    }

    /// Writes a complaint to the standard error, after the program's name, as one line.
    ///
    /// What a server says has no way to begin another one.
    static func complain(_ text: String) {
        writeError("\(styled("swiftmc: ", .red, if: hasErrors))\(readable(text))\n")
    }

    /// Writes what the parser of arguments has to say, which has several lines and knows of no server.
    static func complain(usage text: String) {
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map { readable(String($0)) }
        writeError(lines.joined(separator: "\n") + "\n")
    }

    /// Shows how far a long task is, on the standard error if that is a terminal; nil wipes it away.
    static func showProgress(_ text: String?) {
        if hasErrors { writeError("\r\u{1B}[K\(text ?? "")") }
    }

    private static func writeError(_ text: String) { FileHandle.standardError.write(Data(text.utf8)) }

    // MARK: - Questions

    /// Asks for something that does not appear on the screen; nil if nobody answers.
    static func askSecret(_ question: String) -> String? {
        guard var modes = state.withLock({ $0.modes }) else { return nil }
        defer {
            restore()
            writeError("\n")
        }
        // Not with `getpass`, in which Ctrl-C would be a part of the answer.
        modes.c_lflag &= ~tcflag_t(ECHO)
        unsafe _ = tcsetattr(0, TCSAFLUSH, &modes)
        writeError(readable(question))
        return readLine()
    }

    /// Asks whether to do something; nobody to ask, and no `--yes`, is a mistake.
    static func confirms(_ question: String, unless yes: Bool) throws -> Bool {
        if yes { return true }
        guard hasInput else { throw ValidationError("there is no terminal to ask; say --yes") }
        writeError("\(readable(question)) [y/N] ")
        let answer = readLine()?.lowercased()
        return answer == "y" || answer == "yes"
    }

    // MARK: - The whole screen

    private struct State: Sendable {
        var modes: termios?
        var isFullScreen = false
    }

    private static let state = Mutex(State())

    /// Keeps how the terminal is, for ``restore()``.
    static func remember() {
        var modes = termios()
        guard hasInput, unsafe tcgetattr(0, &modes) == 0 else { return }
        state.withLock { $0.modes = modes }
    }

    /// Takes the screen, and gives it back as it was.
    static func setFullScreen(_ isFullScreen: Bool) {
        let wasFullScreen = state.withLock { state in
            defer { state.isFullScreen = isFullScreen }
            return state.isFullScreen
        }
        // A terminal that does not take anything, because it is gone or held, must not hold up the end.
        var entry = pollfd(fd: 1, events: CShort(POLLOUT), revents: 0)
        guard wasFullScreen != isFullScreen, unsafe poll(&entry, 1, 0) > 0 else { return }
        // The alternate screen, without a cursor.
        let text = isFullScreen ? "\u{1B}[?1049h\u{1B}[?25l" : "\u{1B}[?25h\u{1B}[?1049l"
        FileHandle.standardOutput.write(Data(text.utf8))
    }

    /// Puts the terminal back to how it was at the start.
    static func restore() {
        setFullScreen(false)
        state.withLock { state in
            guard var modes = state.modes else { return }
            unsafe _ = tcsetattr(0, TCSANOW, &modes)
        }
    }

    /// How many lines the screen has.
    static var height: Int {
        var size = winsize()
        guard unsafe ioctl(1, UInt(TIOCGWINSZ), &size) == 0, size.ws_row > 0 else { return 24 }
        return Int(size.ws_row)
    }
}
