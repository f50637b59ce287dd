/// `number` rounded to one decimal as Python's `round(number, 1)` does: to the nearest, by the exact
/// value that its bits stand for, and to even where two are as near.
func roundedToTenth(_ number: Double) -> Double {
  guard abs(number) < 0x1p50 else { return number }
  let below = (number * 10).rounded(.down)
  // The sign of 20 · number - (2 · below + 1) is exact: a fused product is rounded once.
  let side = (-(2 * below + 1)).addingProduct(20, number)
  if side == 0 { return (below.truncatingRemainder(dividingBy: 2) == 0 ? below : below + 1) / 10 }
  return (side < 0 ? below : below + 1) / 10
}
