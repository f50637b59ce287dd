internal import CKernels
import Glibc

// Shape suffixes: T tokens, R row length, P positions, H half of a head's channels.

/// The angles of rotary position embedding for a context.
///
/// Pair i of a head turns by `position · theta^(-2i / headDim)`. Computed in f64 and rounded once:
/// f32 angles, as in other programs, are off by some 1e-4 at position 2,000.
@safe public struct RotaryTable<Scalar: Real>: Sendable {
  public let positions: Int
  public let half: Int
  let cosines_PH: View<Scalar>
  let sines_PH: View<Scalar>

  /// - Precondition: `headDim` is even.
  public init(positions: Int, headDim: Int, theta: Double) {
    precondition(headDim % 2 == 0, "a head of \(headDim) channels has no pairs")
    self.positions = positions
    half = headDim / 2
    let arena = Arena<Scalar>(count: 2 * positions * half)
    cosines_PH = arena.view(0, positions * half)
    sines_PH = arena.view(positions * half, positions * half)
    for pair in 0..<half {
      let frequency = pow(theta, -Double(2 * pair) / Double(headDim))
      for position in 0..<positions {
        cosines_PH[position * half + pair] = Scalar(cos(Double(position) * frequency))
        sines_PH[position * half + pair] = Scalar(sin(Double(position) * frequency))
      }
    }
  }

  public var bytes: Int { 2 * positions * half * MemoryLayout<Scalar>.stride }
}

extension Processor {
  /// Turns the first `heads` heads of every row in place by the angle of its position.
  ///
  /// Pairs are (i, i + headDim / 2), the layout of Hugging Face checkpoints; Meta's own pairs
  /// neighbours, and differs by an order of rows in `wq` and `wk`.
  ///
  /// - Parameters:
  ///   - x_TR: Rows; what follows the heads in a row is left alone.
  ///   - T: Rows.
  ///   - R: Elements of a row.
  ///   - heads: Heads to turn.
  ///   - table: Angles.
  ///   - length: Row t stands at position `start + t % length`.
  ///   - start: Position of the first row.
  ///   - backward: Turns the other way: the gradient of a rotation is its inverse.
  /// - Complexity: O(T · heads · headDim), no allocation.
  /// - SeeAlso: RoFormer, arXiv:2104.09864, section 3.4.2; transformers `modeling_llama.py`.
  public func rotate(
    _ x_TR: View<Scalar>, T: Int, R: Int, heads: Int, table: RotaryTable<Scalar>,
    length: Int, start: Int = 0, backward: Bool = false
  ) {
    precondition(x_TR.count == T * R && heads * 2 * table.half <= R, "\(T) rows of \(R)")
    precondition(
      start >= 0 && length > 0 && start + length <= table.positions,
      "positions \(start)..<\(start + length) of \(table.positions)")
    forBlocks(of: T, by: rowBlock) { first, count in
      unsafe kernels.pointee.rotate(
        x_TR.start + first * R, R, table.cosines_PH.start, table.sines_PH.start, first, count,
        length, start, heads, table.half, backward ? 1 : 0)
    }
  }
}
