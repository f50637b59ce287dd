/// `cos(π · way)` for `way` from 0 to 1, within 1e-15.
///
/// A series of our own, as mathematical libraries differ in the last bit and a run should not.
func halfTurn(_ way: Double) -> Double {
  // cos(π - x) = -cos x: the series is used up to a quarter of a turn only.
  if way > 0.5 { return -halfTurn(1 - way) }
  let square = (way * .pi) * (way * .pi)
  var sum = 0.0
  // Terms up to x²⁴: the next is below 1e-21 at x = π/2.
  for term in stride(from: 24, through: 2, by: -2) {
    sum = -square / Double(term * (term - 1)) * (1 + sum)
  }
  return 1 + sum
}
