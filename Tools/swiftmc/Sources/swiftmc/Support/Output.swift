import Foundation

/// Where results go: the standard output, as text or as JSON, one document a line.
final class Output {
    let isJSON: Bool
    private var buffer = Data()
    private static let enough = 1 << 16

    init(isJSON: Bool) { self.isJSON = isJSON }

    /// Writes bytes as they are.
    func write(_ bytes: some Sequence<UInt8>) {
        buffer.append(contentsOf: bytes)
        if buffer.count >= Self.enough { flush() }
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

    /// Sends what is written to where it goes.
    func flush() {
        guard !buffer.isEmpty else { return }
        FileHandle.standardOutput.write(buffer)
        buffer.removeAll(keepingCapacity: true)
    }
}
