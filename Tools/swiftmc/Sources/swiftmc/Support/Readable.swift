/// Text that a terminal shows and does not obey: control characters (C0, DEL, C1) are written out, as `\x1b`.
///
/// What is printed comes from servers, where anybody may have put it.
func readable(_ text: String) -> String {
    guard text.unicodeScalars.contains(where: isControl) else { return text }
    return text.unicodeScalars.map { isControl($0) ? escape($0.value) : String($0) }.joined()
}

/// Bytes as such text; what is not UTF-8 is written out, too.
func readable(_ bytes: [UInt8]) -> String {
    if let text = String(validating: bytes, as: UTF8.self) { return readable(text) }
    return bytes.map { byte in
        (32..<127).contains(byte) && byte != UInt8(ascii: "\\") ? String(UnicodeScalar(byte)) : escape(UInt32(byte))
    }.joined()
}

/// Whether it is one of C0, DEL, or C1.
func isControl(_ scalar: Unicode.Scalar) -> Bool { scalar.value < 32 || (127...159).contains(scalar.value) }

private func escape(_ number: UInt32) -> String { "\\x" + (number < 16 ? "0" : "") + String(number, radix: 16) }
