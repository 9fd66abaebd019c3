import Metrics
import Synchronization

/// Metrics as Prometheus reads them, with the names that swift-prometheus gives them.
public final class TextMetrics: MetricsFactory {
    private let series = Mutex<[String: Double]>([:])

    /// Nothing counted yet.
    public init() {}

    /// All series, one per line.
    public var text: String {
        let all = series.withLock { $0 }
        return all.keys.sorted().map { "\($0) \(all[$0] ?? 0)\n" }.joined()
    }

    fileprivate func change(_ series: String, _ body: (inout Double) -> Void) {
        self.series.withLock { body(&$0[series, default: 0]) }
    }

    // MARK: - What swift-metrics wants

    /// A number that grows.
    public func makeCounter(label: String, dimensions: [(String, String)]) -> any CounterHandler {
        Series(self, label, dimensions)
    }

    /// A number that goes up and down.
    public func makeMeter(label: String, dimensions: [(String, String)]) -> any MeterHandler {
        Series(self, label, dimensions)
    }

    /// A histogram of some values.
    public func makeRecorder(
        label: String,
        dimensions: [(String, String)],
        aggregate: Bool
    ) -> any RecorderHandler {
        Distribution(self, label, dimensions)
    }

    /// A histogram of some durations, in seconds.
    public func makeTimer(label: String, dimensions: [(String, String)]) -> any TimerHandler {
        Distribution(self, label, dimensions)
    }

    /// Keeps the series.
    public func destroyCounter(_ handler: any CounterHandler) {}
    /// Keeps the series.
    public func destroyMeter(_ handler: any MeterHandler) {}
    /// Keeps the series.
    public func destroyRecorder(_ handler: any RecorderHandler) {}
    /// Keeps the series.
    public func destroyTimer(_ handler: any TimerHandler) {}
}

/// One number.
private final class Series: CounterHandler, MeterHandler {
    private let metrics: TextMetrics
    private let name: String

    init(_ metrics: TextMetrics, _ label: String, _ dimensions: [(String, String)]) {
        self.metrics = metrics
        name = seriesName(label, dimensions)
        // So that a counter that is still zero is there, too.
        metrics.change(name) { _ in }
    }

    func increment(by amount: Int64) { metrics.change(name) { $0 += Double(amount) } }
    func reset() { set(0 as Double) }
    func set(_ value: Int64) { set(Double(value)) }
    func set(_ value: Double) { metrics.change(name) { $0 = value } }
    func increment(by amount: Double) { metrics.change(name) { $0 += amount } }
    func decrement(by amount: Double) { metrics.change(name) { $0 -= amount } }
}

/// How many values there were, their sum, and how many were at most as large as each bound.
private final class Distribution: RecorderHandler, TimerHandler {
    /// Seconds; a cache answers within a millisecond.
    private static let bounds = [
        0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, .infinity,
    ]

    private let metrics: TextMetrics
    private let sum: String
    private let count: String
    private let buckets: [String]

    init(_ metrics: TextMetrics, _ label: String, _ dimensions: [(String, String)]) {
        self.metrics = metrics
        sum = seriesName(label + "_sum", dimensions)
        count = seriesName(label + "_count", dimensions)
        buckets = Self.bounds.map { bound in
            seriesName(label + "_bucket", dimensions + [("le", bound.isInfinite ? "+Inf" : "\(bound)")])
        }
    }

    func record(_ value: Int64) { record(Double(value)) }
    func record(_ value: Double) {
        metrics.change(sum) { $0 += value }
        metrics.change(count) { $0 += 1 }
        for (bound, bucket) in zip(Self.bounds, buckets) {
            metrics.change(bucket) { $0 += value <= bound ? 1 : 0 }
        }
    }
    func recordNanoseconds(_ duration: Int64) { record(Double(duration) * 1e-9) }
}

private func seriesName(_ label: String, _ dimensions: [(String, String)]) -> String {
    func plain(_ name: String) -> String { String(name.map { $0.isLetter || $0.isNumber ? $0 : "_" }) }
    let labels = dimensions.map { "\(plain($0.0))=\($0.1.debugDescription)" }.joined(separator: ",")
    return plain(label) + (labels.isEmpty ? "" : "{\(labels)}")
}
