/// The list entry that a mistyped name most likely stands for.
///
/// - Returns: nil where nothing is within a third of the name's length (two edits at least).
func suggestion(for name: String, among names: [String]) -> String? {
  let typed = Array(name.lowercased().unicodeScalars.prefix(100))
  let near = names.map { (distance(typed, Array($0.unicodeScalars)), $0) }
    .min { $0.0 != $1.0 ? $0.0 < $1.0 : $0.1 < $1.1 }
  guard let near, near.0 <= max(2, typed.count / 3), near.0 < near.1.unicodeScalars.count else {
    return nil
  }
  return near.1
}

/// The end of a message: `; did you mean "epochs"?`, or the names to choose from if they are few.
func hint(for name: String, among names: [String]) -> String {
  if let near = suggestion(for: name, among: names) { return "; did you mean \"\(near)\"?" }
  guard !names.isEmpty, names.count <= 12 else { return "" }
  return "; it can be \(names.joined(separator: ", "))"
}

/// Edits that turn one word into the other, where a swap of neighbours counts once.
///
/// - Complexity: O(first · second).
/// - SeeAlso: Damerau 1964; this is the "optimal string alignment" form.
private func distance(_ first: [Unicode.Scalar], _ second: [Unicode.Scalar]) -> Int {
  var beforeLast = [Int](repeating: 0, count: second.count + 1)
  var last = Array(0...second.count)
  for row in first.indices {
    var current = [row + 1]
    for column in second.indices {
      let isSame = first[row] == second[column]
      var cost = min(
        last[column + 1] + 1, current[column] + 1, last[column] + (isSame ? 0 : 1))
      if row > 0, column > 0, first[row] == second[column - 1], first[row - 1] == second[column] {
        cost = min(cost, beforeLast[column - 1] + 1)
      }
      current.append(cost)
    }
    (beforeLast, last) = (last, current)
  }
  return last[second.count]
}
