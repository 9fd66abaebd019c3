/// Columns of text, the first one from the left, those of numbers from the right.
struct Table {
    private var rows: [[String]]
    /// How wide the columns are at least, so that tables that follow one another look like one.
    private let minimum: [Int]

    init(_ headings: [String], widths: [Int] = []) {
        rows = [headings]
        minimum = widths
    }

    /// Adds a row; one with fewer cells than there are headings ends with a text of any length.
    mutating func add(_ cells: [String]) { rows.append(cells) }

    /// The heading first.
    var lines: [String] {
        let widths = rows[0].indices.map { column in
            // A row that is too short ends with a text that has the rest of the line.
            let cells = rows.lazy.filter { $0.count == rows[0].count || column < $0.count - 1 }
            let longest = cells.map { $0[column].count }.max() ?? 0
            return max(longest, minimum.count > column ? minimum[column] : 0)
        }
        return rows.map { row in
            let cells = row.indices.map { column in
                let padding = String(repeating: " ", count: max(0, widths[column] - row[column].count))
                if row.count < rows[0].count, column == row.count - 1 { return row[column] }
                return column == 0 ? row[column] + padding : padding + row[column]
            }
            return cells.joined(separator: "  ")
        }
    }
}
