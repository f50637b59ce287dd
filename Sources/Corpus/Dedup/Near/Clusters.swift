/// Which of numbered things belong together: union–find with path halving.
struct Clusters {
  private var parents: [UInt32]

  init(count: Int) { parents = (0..<UInt32(count)).map { $0 } }

  mutating func root(of number: Int) -> Int {
    var number = UInt32(number)
    while parents[Int(number)] != number {
      let above = parents[Int(parents[Int(number)])]
      parents[Int(number)] = above
      number = above
    }
    return Int(number)
  }

  /// Joins two clusters under the smaller root, so that the order of joins leaves no trace.
  mutating func join(_ left: Int, _ right: Int) {
    let (left, right) = (root(of: left), root(of: right))
    parents[max(left, right)] = UInt32(min(left, right))
  }
}
