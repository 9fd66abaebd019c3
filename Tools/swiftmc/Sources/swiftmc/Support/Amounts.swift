import Foundation

// Numbers as people read them.

/// A number of bytes, such as `96 B` or `1.5 MiB`.
func bytesText(_ count: Double) -> String {
    var (number, unit) = (count, 0)
    let units = ["B", "KiB", "MiB", "GiB", "TiB"]
    while number >= 1024, unit < units.count - 1 { (number, unit) = (number / 1024, unit + 1) }
    return unit == 0 ? "\(Int(number)) B" : "\(oneDecimal(number)) \(units[unit])"
}

/// A rate, such as `0.5` or `1250`.
func rateText(_ rate: Double) -> String {
    rate == 0 || rate >= 100 ? String(format: "%.0f", rate.rounded()) : oneDecimal(rate)
}

/// A share of the whole, such as `97.5 %`.
func percentText(_ share: Double?) -> String { share.map { "\(oneDecimal($0 * 100)) %" } ?? "-" }

private func oneDecimal(_ number: Double) -> String { String(format: "%.1f", number) }
