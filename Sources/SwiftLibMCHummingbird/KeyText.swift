#if Hummingbird
    internal import SwiftLibMC

    /// Makes keys from text with any content and of any length.
    enum KeyText {
        /// Short enough to leave room for the prefixes of namespaces.
        private static let longest = 150

        /// The parts as one text of visible characters, different for different parts.
        static func joined(_ parts: [String]) -> String { parts.map(escaped).joined(separator: "|") }

        /// The same text, or its beginning and a hash of the whole if it is too long for a key.
        static func shortened(_ text: String) -> String {
            guard text.utf8.count > longest else { return text }
            return "\(text.prefix(longest - 17))~\(String(text.utf8.fnv1a, radix: 16))"
        }

        private static func escaped(_ part: String) -> String {
            var text = ""
            for byte in part.utf8 {
                switch byte {
                case UInt8(ascii: "%"), UInt8(ascii: "|"), ...0x20, 0x7F...:
                    text += "%" + (byte < 0x10 ? "0" : "") + String(byte, radix: 16)
                default: text.unicodeScalars.append(Unicode.Scalar(byte))
                }
            }
            return text
        }
    }
#endif
