#if Hummingbird
    internal import HTTPTypes

    extension HTTPFields {
        /// The elements of a header that is a list, in all its lines.
        func list(_ name: HTTPField.Name) -> [Substring] { self[values: name].flatMap { elements(of: $0) } }

        /// Splits a list at its commas, except those within quotation marks.
        private func elements(of text: String) -> [Substring] {
            var elements: [Substring] = []
            var start = text.startIndex
            var isQuoted = false
            func add(upTo end: String.Index) {
                let element = text[start..<end].drop { $0.isWhitespace }
                let trimmed = element.reversed().drop { $0.isWhitespace }.count
                if trimmed > 0 { elements.append(element.prefix(trimmed)) }
            }
            for index in text.indices {
                if text[index] == "\"" { isQuoted.toggle() }
                guard text[index] == ",", !isQuoted else { continue }
                add(upTo: index)
                start = text.index(after: index)
            }
            add(upTo: text.endIndex)
            return elements
        }
    }

    /// The directives of `Cache-Control`.
    struct CacheDirectives {
        private var values: [String: String] = [:]

        init(_ headers: HTTPFields) {
            for directive in headers.list(.cacheControl) {
                let parts = directive.split(separator: "=", maxSplits: 1)
                guard let name = parts.first?.lowercased() else { continue }
                // Of two that contradict each other the first one counts, as RFC 9111 allows.
                if values[name] == nil { values[name] = parts.count > 1 ? parts[1].filter { $0 != "\"" } : "" }
            }
        }

        /// Whether there is one of these names.
        func contains(_ names: String...) -> Bool { names.contains { values[$0] != nil } }

        /// A number of seconds: nil if there is none of that name, zero if it is not a number.
        func seconds(_ name: String) -> Int? { values[name].map { Int($0) ?? 0 } }
    }
#endif
