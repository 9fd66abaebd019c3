import Harness
import SwiftLibMC

/// One kind of work, prepared: does it that many times.
typealias Work = (_ count: Int) throws -> Void

/// Answers requests on standard input until it ends; the counterpart of `serve` in the harness.
func serve(_ work: Work) throws {
    print("ready")
    flush_output()
    while let line = readLine() {
        guard let count = Int(line) else { throw Failure("not a number: \(line)") }
        forget_pauses()
        measure_mark()
        let start = now()
        try work(count)
        let end = now()
        measure_mark()
        print(end - start - paused_time())
        flush_output()
    }
}
