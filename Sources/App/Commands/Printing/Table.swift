import Formats

/// Rows under headings, for a terminal: the first column to the left, numbers to the right.
struct Table {
  var headings: [String]
  private(set) var rows: [[String]] = []

  init(_ headings: String...) { self.headings = headings }

  mutating func add(_ cells: String...) { rows.append(cells) }

  mutating func add(_ cells: [String]) { rows.append(cells) }

  /// The table with a line a row; columns are as wide as their widest cell.
  var text: String {
    let all = [headings] + rows
    let widths = headings.indices.map { column in
      all.map { column < $0.count ? $0[column].count : 0 }.max() ?? 0
    }
    var text = ""
    for row in all {
      var line = ""
      for (column, cell) in row.enumerated() {
        let blanks = String(repeating: " ", count: widths[column] - cell.count)
        let isNumber = column > 0 && rows.allSatisfy { isNumeric($0, column) }
        line += (column > 0 ? "  " : "") + (isNumber ? blanks + cell : cell + blanks)
      }
      while line.last == " " { line.removeLast() }
      text += line + "\n"
    }
    return text
  }

  /// The rows as JSON, an object each, under the headings; whole numbers are numbers, `-` is null.
  var json: [UInt8] {
    var json = JSONWriter()
    json.array { json in
      for row in rows {
        json.object { json in
          for (heading, cell) in zip(headings, row) {
            json.key(heading)
            let digits = cell.filter { $0 != "," }
            if let number = Int(digits) {
              json.integer(number)
            } else if cell == "-" {
              json.null()
            } else {
              json.string(cell)
            }
          }
        }
      }
    }
    return json.bytes + [0x0a]
  }

  private func isNumeric(_ row: [String], _ column: Int) -> Bool {
    guard column < row.count, let first = row[column].utf8.first else { return true }
    return first >= 0x30 && first <= 0x39 || first == UInt8(ascii: "-")
  }
}

/// A whole number with commas: `1,234,567`.
func grouped(_ number: Int) -> String {
  var digits = String(number.magnitude)
  var groups: [String] = []
  while digits.count > 3 {
    groups.insert(String(digits.suffix(3)), at: 0)
    digits.removeLast(3)
  }
  return (number < 0 ? "-" : "") + ([digits] + groups).joined(separator: ",")
}

/// A number with so many decimals.
func fixed(_ number: Double, _ decimals: Int) -> String {
  guard number.isFinite else { return "-" }
  let scale = (0..<decimals).reduce(1.0) { scale, _ in scale * 10 }
  let scaled = Int((number.magnitude * scale).rounded())
  let whole = String(scaled / Int(scale))
  let rest = String(scaled % Int(scale))
  let sign = number < 0 && scaled > 0 ? "-" : ""
  guard decimals > 0 else { return sign + whole }
  return sign + whole + "." + String(repeating: "0", count: decimals - rest.count) + rest
}

/// A number of bytes in the nearest unit of 1000: `12.3 MB`.
func inBytes(_ bytes: Int) -> String {
  let units = ["B", "kB", "MB", "GB", "TB", "PB"]
  var (value, unit) = (Double(bytes), 0)
  while value >= 999.95 && unit < units.count - 1 { (value, unit) = (value / 1000, unit + 1) }
  return unit == 0 ? "\(bytes) B" : "\(fixed(value, 1)) \(units[unit])"
}
