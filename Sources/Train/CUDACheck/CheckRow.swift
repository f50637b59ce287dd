import Glibc

/// One line of the check's table.
public struct CheckRow: Sendable {
  public let name: String
  /// Sizes, as a reader wants them.
  public let sizes: String
  /// ‖ours - reference‖ / ‖reference‖; nil for what is only timed.
  public var error: Double?
  /// The most that the error may be.
  public var limit: Double?
  public var milliseconds: Double?
  /// GB/s or TFLOP/s.
  public var rate: Double?
  public var unit: String
  /// Of a measured copy, or of the measured peak of products.
  public var share: Double?

  public init(
    name: String, sizes: String, error: Double? = nil, limit: Double? = nil,
    milliseconds: Double? = nil, rate: Double? = nil, unit: String = "", share: Double? = nil
  ) {
    self.name = name
    self.sizes = sizes
    self.error = error
    self.limit = limit
    self.milliseconds = milliseconds
    self.rate = rate
    self.unit = unit
    self.share = share
  }

  public var isPassed: Bool {
    guard let error, let limit else { return true }
    return error <= limit  // false for NaN
  }

  /// The row for programs: fields between tabs, `-` for none.
  public var line: String {
    func text(_ number: Double?, _ digits: Int) -> String {
      guard let number else { return "-" }
      return fixed(number, digits)
    }
    let error = self.error.map { scientific($0) } ?? "-"
    return [
      "ROW", name, sizes, error, limit.map { scientific($0) } ?? "-", text(milliseconds, 4),
      text(rate, 1), unit.isEmpty ? "-" : unit, text(share, 3), isPassed ? "ok" : "FAILED",
    ].joined(separator: "\t")
  }
}

func fixed(_ number: Double, _ digits: Int) -> String {
  guard number.isFinite else { return "\(number)" }
  let scale = pow(10, Double(digits))
  let rounded = (number * scale).rounded() / scale
  return "\(rounded)"
}

/// Two digits and an exponent.
private func scientific(_ number: Double) -> String {
  guard number.isFinite, number > 0 else { return "\(number)" }
  let exponent = floor(log10(number))
  return "\(fixed(number / pow(10, exponent), 1))e\(Int(exponent))"
}
