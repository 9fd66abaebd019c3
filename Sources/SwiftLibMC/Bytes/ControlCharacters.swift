extension String {
    /// Whether there is a control byte in it, which may end a command: what comes after it would be another one.
    var hasControlBytes: Bool { utf8.contains { $0 < 0x20 || $0 == 0x7F } }

    /// The text with its control characters (C0, DEL, C1) written out, such as `\u{1b}`.
    ///
    /// For whatever a server says: on a terminal or in a log such characters are commands.
    var escapingControls: String {
        guard unicodeScalars.contains(where: \.isControl) else { return self }
        var text = ""
        for scalar in unicodeScalars {
            if scalar.isControl {
                text += "\\u{\(String(scalar.value, radix: 16))}"
            } else {
                text.unicodeScalars.append(scalar)
            }
        }
        return text
    }

    /// The text in quotes, with its control characters written out; Swift's own `debugDescription` leaves C1 as they
    /// are.
    var quoted: String { debugDescription.escapingControls }
}

extension Unicode.Scalar {
    /// Whether it is one of C0, DEL, or C1.
    fileprivate var isControl: Bool { value < 0x20 || 0x7F...0x9F ~= value }
}
