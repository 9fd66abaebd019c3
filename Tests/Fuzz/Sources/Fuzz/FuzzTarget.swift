/// One thing that reads bytes of unknown making.
struct FuzzTarget: Sendable {
    /// As `Scripts/fuzz` has it; its corpus is the folder of the same name.
    let name: String
    /// Reads bytes; whatever they are, the process has to live on, and what is read has to be consistent.
    let run: @Sendable ([UInt8]) -> Void

    static let all = texts + values + replies

    /// The one that the first argument of the program names.
    static let chosen = all.first { $0.name == CommandLine.arguments.dropFirst().first }
}

/// Ends the process, so that the input is kept.
func check(_ condition: Bool, _ message: @autoclosure () -> String) {
    if !condition { fatalError(message()) }
}
