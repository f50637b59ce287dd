/// Seconds that a GPU works, by kind of work.
public struct Work: Equatable, Sendable {
  /// Matrix products.
  public var products = 0.0
  public var attention = 0.0
  /// All that reads and writes memory and computes little.
  public var elementWise = 0.0
  /// Exchanges with the ranks that share the layer; nothing is computed meanwhile.
  public var tensorExchange = 0.0

  public init() {}

  public var seconds: Double { products + attention + elementWise + tensorExchange }

  static func + (left: Work, right: Work) -> Work {
    var sum = left
    sum.products += right.products
    sum.attention += right.attention
    sum.elementWise += right.elementWise
    sum.tensorExchange += right.tensorExchange
    return sum
  }

  static func * (factor: Double, work: Work) -> Work {
    var all = work
    all.products *= factor
    all.attention *= factor
    all.elementWise *= factor
    all.tensorExchange *= factor
    return all
  }
}

/// What a rank does with one batch of a unit of parameters, forward and back.
struct UnitWork {
  var forward = Work()
  var backward = Work()
}
