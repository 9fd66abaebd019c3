// Why Scripts/thread-sanitizer has a suppression: of this program, too, which is right and does not use the library, the
// sanitizer reports a race between a continuation's `resume` and the task that is about to wait for it.
//
//     swiftc -sanitize=thread -parse-as-library ResumedEarly.swift && ./ResumedEarly

import Dispatch

/// What is done for a task, and how to wake it.
final class Call: @unchecked Sendable {
    var value: Int
    let continuation: UnsafeContinuation<Void, Never>

    init(_ value: Int, _ continuation: UnsafeContinuation<Void, Never>) {
        self.value = value
        self.continuation = continuation
    }
}

@main
enum ResumedEarly {
    static func main() async {
        // Its blocks run on another thread, one after the other, and often before the task has gone to sleep.
        let worker = DispatchQueue(label: "worker")
        await withTaskGroup { group in
            for _ in 0..<8 {
                group.addTask {
                    for number in 0..<2000 {
                        await withUnsafeContinuation { continuation in
                            let call = Call(number, continuation)
                            worker.async {
                                call.value += 1
                                call.continuation.resume()
                            }
                        }
                    }
                }
            }
        }
    }
}
