import Metrics
import SwiftLibMC
import SwiftLibMCObservability

/// Reads a key as often as it is told, for Scripts/observer-cost: ADDRESS COUNT none|empty|metrics.
@main
struct ObserverCost {
    /// Told of everything, and interested in nothing.
    struct Empty: CommandObserver {
        func ended(_ event: CommandEvent, _ token: (any Sendable)?) {}
    }

    static func main() throws {
        let arguments = CommandLine.arguments
        let client = try Client([arguments[1]])
        try client.set("observer-cost", "value")
        var options = Instrumentation.Options()
        options.spans = false
        options.logs = false
        switch arguments[3] {
        case "metrics": client.observer = Instrumentation(options, metrics: NOOPMetricsHandler.instance)
        case "empty": client.observer = Empty()
        default: break
        }
        for _ in 0..<(Int(arguments[2]) ?? 0) {
            guard try client.get("observer-cost", as: String.self) == "value" else { fatalError("another value") }
        }
    }
}
