#if Hummingbird
    internal import HTTPTypes
    internal import Hummingbird
    internal import NIOCore
    internal import SwiftLibMC

    /// A response as it is stored: lines of text like those of HTTP itself, then the body.
    struct StoredResponse {
        /// The key of its request: a shortened key may belong to another request, too.
        var key: String
        /// When it was stored, in seconds since 1970.
        var date: Int
        var status: HTTPResponse.Status
        var headers: HTTPFields
        var body: ByteBuffer

        init(key: String, date: Int, status: HTTPResponse.Status, headers: HTTPFields, body: ByteBuffer) {
            self.key = key
            self.date = date
            self.status = status
            self.headers = headers
            self.body = body
        }

        /// Reads a stored response; nil if these are not the bytes of one.
        init?(_ bytes: [UInt8]) {
            let blankLine = Array("\n\n".utf8)
            guard let end = bytes.firstRange(of: blankLine) else { return nil }
            let lines = String(decoding: bytes[..<end.lowerBound], as: UTF8.self).split(separator: "\n")
            guard lines.count >= 3, let date = Int(lines[1]), date >= 0, let code = Int(lines[2]),
                (100...999).contains(code)
            else {
                return nil
            }
            var headers = HTTPFields()
            for line in lines.dropFirst(3) {
                guard let colon = line.utf8.firstIndex(of: UInt8(ascii: ":")),
                    let name = HTTPField.Name(String(line[..<colon]))
                else {
                    return nil
                }
                headers.append(HTTPField(name: name, value: String(line[line.utf8.index(after: colon)...])))
            }
            self.init(
                key: String(lines[0]),
                date: date,
                status: .init(code: code),
                headers: headers,
                body: ByteBuffer(bytes: bytes[end.upperBound...])
            )
        }

        /// The bytes to store.
        var bytes: [UInt8] {
            var text = "\(key)\n\(date)\n\(status.code)\n"
            for header in headers { text += "\(header.name.rawName):\(header.value)\n" }
            return Array("\(text)\n".utf8) + body.readableBytesView
        }

        /// The response, with its age.
        func response(now: Int) -> Response {
            var headers = headers
            headers[.age] = "\(max(0, now - date))"
            return Response(status: status, headers: headers, body: ResponseBody(byteBuffer: body))
        }

        /// An entity tag, which changes with the body.
        ///
        /// It is a weak tag: a later middleware that compresses the body keeps the tag.
        static func entityTag(of body: ByteBuffer) -> String {
            "W/\"\(String(body.readableBytesView.fnv1a, radix: 16))-\(String(body.readableBytes, radix: 16))\""
        }
    }
#endif
