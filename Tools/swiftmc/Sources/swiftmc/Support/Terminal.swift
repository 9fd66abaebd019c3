import Foundation

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

    /// Writes a complaint to the standard error, after the program's name.
    static func complain(_ text: String, named: Bool = true) {
        let text = text.split(separator: "\n", omittingEmptySubsequences: false).map { readable(String($0)) }
            .joined(separator: "\n")
        let name = named ? styled("swiftmc: ", .red, if: hasErrors) : ""
        FileHandle.standardError.write(Data("\(name)\(text)\n".utf8))
    }

    /// Shows how far a long task is, on the standard error if that is a terminal; nil wipes it away.
    static func showProgress(_ text: String?) {
        guard hasErrors else { return }
        FileHandle.standardError.write(Data("\r\u{1B}[K\(text ?? "")".utf8))
    }

    /// Asks for something that does not appear on the screen; nil if nobody answers.
    static func askSecret(_ question: String) -> String? {
        guard let answer = unsafe getpass(question) else { return nil }
        return unsafe String(cString: answer)
    }

    /// Asks for a yes.
    static func confirms(_ question: String) -> Bool {
        FileHandle.standardError.write(Data("\(question) [y/N] ".utf8))
        let answer = readLine()?.lowercased()
        return answer == "y" || answer == "yes"
    }
}
