import Foundation
import Synchronization

/// Where results go: the standard output, as text or as JSON, one document a line.
final class Output: Sendable {
    let isJSON: Bool
    private let buffer = Mutex(Data())
    private static let enough = 1 << 16

    init(isJSON: Bool) { self.isJSON = isJSON }

    /// Writes bytes as they are.
    func write(_ bytes: some Sequence<UInt8>) {
        buffer.withLock { buffer in
            buffer.append(contentsOf: bytes)
            if buffer.count >= Self.enough { Self.flush(&buffer) }
        }
    }

    /// Writes a line.
    func line(_ text: String) { write("\(text)\n".utf8) }

    /// Writes a line that only people want to read.
    func note(_ text: @autoclosure () -> String) {
        if Terminal.hasOutput, !isJSON { line(Terminal.styled(text(), .dim)) }
    }

    /// Writes a document, if JSON is wanted.
    func json(_ value: @autoclosure () -> JSONValue) {
        if isJSON { line(value().text) }
    }

    /// Writes a document, or a line for people.
    func show(_ text: @autoclosure () -> String, _ value: @autoclosure () -> JSONValue) {
        line(isJSON ? value().text : text())
    }

    /// Sends what is written to where it goes.
    func flush() { buffer.withLock { Self.flush(&$0) } }

    private static func flush(_ buffer: inout Data) {
        guard !buffer.isEmpty else { return }
        FileHandle.standardOutput.write(buffer)
        buffer.removeAll(keepingCapacity: true)
    }
}
