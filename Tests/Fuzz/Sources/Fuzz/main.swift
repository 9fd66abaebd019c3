import Foundation

#if LIBFUZZER
    import CFuzzer
#endif

// Fuzz <target> <libFuzzer's options and folders>, or Fuzz --list.
//
// Without libFuzzer the only options are -max_total_time=<seconds>, -seed=<number> and -artifact_prefix=<folder>.

let words = CommandLine.arguments
guard words.count > 1, words[1] != "--list" else {
    print(FuzzTarget.all.map(\.name).joined(separator: "\n"))
    exit(0)
}
guard let target = FuzzTarget.chosen else {
    print("there is no target \(words[1])")
    exit(2)
}

#if LIBFUZZER
    var count = CInt(CommandLine.argc - 1)
    // The target's name takes the place of the program's.
    var arguments: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>? = CommandLine.unsafeArgv + 1
    exit(
        LLVMFuzzerRunDriver(&count, &arguments) { start, count in
            FuzzTarget.chosen?.run(Array(UnsafeBufferPointer(start: start, count: count)))
            return 0
        }
    )
#else
    try RandomFuzzer(target, Array(words.dropFirst(2))).run()
#endif
