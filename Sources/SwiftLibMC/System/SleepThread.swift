/// Blocks the thread for a while.
func sleepThread(for duration: Duration) {
    guard duration > .zero else { return }
    _ = Monitor(()).wait(until: .now + duration) { _ in Never?.none }
}
