import Glibc

/// Curves drawn with braille: each character has two columns and four rows of dots.
struct RunCurve {
  private static let width = 68
  private static let height = 16

  let isLogarithmic: Bool
  private var line: [(step: Int, value: Double)] = []
  private var marks: [(step: Int, value: Double)] = []

  init(isLogarithmic: Bool) { self.isLogarithmic = isLogarithmic }

  /// Adds a line's points, with ascending steps.
  mutating func add(_ points: [(step: Int, value: Double)]) { line += points }

  /// Adds points that are drawn as `o`.
  mutating func mark(_ points: [(step: Int, value: Double)]) { marks += points }

  var text: String {
    let all = (line + marks).filter { $0.value.isFinite }
    guard let low = all.map(\.value).min(), let high = all.map(\.value).max(),
      let first = all.map(\.step).min(), let last = all.map(\.step).max()
    else { return "" }
    let (columns, rows) = (2 * Self.width, 4 * Self.height)
    let span = max(high - low, 1e-9)
    func place(_ step: Int) -> Double {
      guard last > first else { return 0 }
      return isLogarithmic
        ? log(Double(max(1, step)) / Double(max(1, first)))
          / log(Double(last) / Double(max(1, first)))
        : Double(step - first) / Double(last - first)
    }
    func column(_ step: Int) -> Int { Int(place(step) * Double(columns - 1) + 0.5) }
    func row(_ value: Double) -> Int { Int((high - value) / span * Double(rows - 1) + 0.5) }

    var cells = [UInt32](repeating: 0, count: Self.width * Self.height)
    var before: (x: Int, y: Int)?
    for point in line where point.value.isFinite {
      let (x, y) = (column(point.step), row(point.value))
      // Dots between two points, so that a steep curve has no gaps.
      let from = before ?? (x, y)
      let count = max(1, abs(x - from.x), abs(y - from.y))
      for part in 0...count {
        let dotX = from.x + (x - from.x) * part / count
        let dotY = from.y + (y - from.y) * part / count
        cells[dotY / 4 * Self.width + dotX / 2] |= Self.dot(dotX % 2, dotY % 4)
      }
      before = (x, y)
    }
    var drawn = cells.map { $0 == 0 ? " " : String(UnicodeScalar(0x2800 + $0) ?? " ") }
    for mark in marks where mark.value.isFinite {
      drawn[row(mark.value) / 4 * Self.width + column(mark.step) / 2] = "o"
    }

    let labels = [0: fixed(high, 3), Self.height - 1: fixed(low, 3)]
    let margin = labels.values.map(\.count).max() ?? 0
    var text = ""
    for number in 0..<Self.height {
      let label = labels[number] ?? ""
      let cells = drawn[number * Self.width..<(number + 1) * Self.width].joined()
      text += String(repeating: " ", count: margin - label.count) + label + " │" + cells
      while text.last == " " { text.removeLast() }
      text += "\n"
    }
    let (left, right) = (grouped(first), grouped(last))
    let gap = max(1, Self.width - left.count - right.count)
    text += String(repeating: " ", count: margin + 1) + "└"
    text += String(repeating: "─", count: Self.width) + "\n"
    text += String(repeating: " ", count: margin + 2) + left
    return text + String(repeating: " ", count: gap) + right + "\n"
  }

  /// The bit of a dot in its character (Unicode, block Braille Patterns).
  private static func dot(_ x: Int, _ y: Int) -> UInt32 {
    y < 3 ? 1 << UInt32(y + 3 * x) : 1 << UInt32(6 + x)
  }
}
