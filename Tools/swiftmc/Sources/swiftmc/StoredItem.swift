import Foundation
import SwiftLibMC

/// An item as `dump --values` prints it and `restore` reads it: one JSON document.
///
/// The value is what the server has, compressed if its flags say so.
struct StoredItem {
    let key: [UInt8]
    let value: [UInt8]
    let flags: UInt32
    /// In seconds since 1970; nil for never.
    let expiration: Int?
}

extension StoredItem {
    private struct Document: Decodable {
        let key: String?
        let keyBase64: Data?
        let value: String?
        let base64: Data?
        let flags: UInt32?
        let expires: Int?
    }

    /// Reads a line.
    init?(_ line: String) {
        guard let document = try? JSONDecoder().decode(Document.self, from: Data(line.utf8)),
            let key = document.keyBase64.map({ Array($0) }) ?? document.key.map({ Array($0.utf8) }),
            let value = document.base64.map({ Array($0) }) ?? document.value.map({ Array($0.utf8) })
        else { return nil }
        self.init(key: key, value: value, flags: document.flags ?? 0, expiration: document.expires)
    }

    /// What is stored.
    var payload: Payload { Payload(bytes: value, flags: Flags(rawValue: flags)) }

    var document: JSONValue {
        var fields: [String: JSONValue] = [
            "flags": .integer(Int64(flags)), "expires": expiration.map { .integer(Int64($0)) } ?? .null,
        ]
        fields.addBytes(key, text: "key", base64: "keyBase64")
        fields.addBytes(value, text: "value", base64: "base64")
        return .object(fields)
    }
}
