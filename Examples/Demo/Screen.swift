import Foundation
import SwiftLibMC

/// Prints what the demo does, and keeps account of whether all of it is true.
final class Screen {
    private(set) var hasFailed = false
    private var facts = 0
    private let isColoured = isatty(STDOUT_FILENO) == 1 && ProcessInfo.processInfo.environment["NO_COLOR"] == nil

    private enum Style: String {
        case bold = "1"
        case faint = "2"
        case red = "31"
        case green = "32"
        case blue = "34"
    }

    /// The first lines: what runs here.
    func title(_ settings: Settings) throws {
        let client = try Client(settings.servers)
        let memcached = try client.version().first?.version ?? "?"
        print()
        print(
            paint("SwiftLibMC \(buildInfo.version)", .bold),
            paint("on libmemcached \(buildInfo.libmemcachedLoaded), with memcached \(memcached)", .faint)
        )
    }

    /// Begins a part.
    func section(_ title: String, _ explanation: String) {
        print()
        print(paint(title, .bold, .blue), paint(explanation, .faint))
    }

    /// One line: some code, what came of it, and whether that is what had to come.
    func fact(_ code: String, _ result: String, _ isTrue: Bool) {
        facts += 1
        if !isTrue { hasFailed = true }
        let mark = isTrue ? paint("✓", .green) : paint("✗", .red)
        print("  \(mark) \(pad(code, to: 49)) \(paint(result, isTrue ? .bold : .red))")
    }

    /// A line under a fact.
    func remark(_ text: String) {
        print("    \(paint(text, .faint))")
    }

    /// Something that should not have happened.
    func failure(_ text: String) {
        hasFailed = true
        print()
        print("  \(paint("✗", .red)) \(paint(text, .red))")
    }

    /// The last line.
    func close() {
        print()
        if hasFailed {
            print(paint("Not all of this is as it should be.", .red))
        } else {
            print(paint("All \(facts) facts hold.", .green), "Next: README.md, and Examples/Demo for the code of this.")
        }
        print()
    }

    private func paint(_ text: String, _ styles: Style...) -> String {
        guard isColoured else { return text }
        return "\u{1B}[\(styles.map(\.rawValue).joined(separator: ";"))m\(text)\u{1B}[0m"
    }

    private func pad(_ text: String, to width: Int) -> String {
        text + String(repeating: " ", count: max(0, width - text.count))
    }
}

extension Int {
    /// With a comma between the thousands.
    var grouped: String {
        var text = "\(self)"
        var position = text.count - 3
        while position > 0 {
            text.insert(",", at: text.index(text.startIndex, offsetBy: position))
            position -= 3
        }
        return text
    }
}

extension Duration {
    /// In milliseconds, with one digit after the point.
    var milliseconds: String { "\((self / .milliseconds(1) * 10).rounded() / 10) ms" }
}
