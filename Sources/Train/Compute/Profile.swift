/// What an operation is for: kernels are summed by it.
public enum OperationClass: String, CaseIterable, Sendable {
  case products, attention, norm, rotary, activation, embedding, loss, optimizer
  /// Copies, sums and zeros of whole memory.
  case memory
  /// What the computation waits for of other ranks.
  case communication
}

/// An operation as it was carried out.
public struct OperationSpan: Equatable, Sendable {
  public let kind: OperationClass
  /// With its sizes, such as `product 8192 x 4096 x 12288`.
  public let name: String
  /// Seconds since the first step began.
  public let start: Double
  public let seconds: Double

  public init(kind: OperationClass, name: String, start: Double, seconds: Double) {
    self.kind = kind
    self.name = name
    self.start = start
    self.seconds = seconds
  }
}

/// Operations that were carried out in some steps, one after another.
public struct Profile: Sendable {
  /// A step: what was between two points of the computation.
  public struct Step: Equatable, Sendable {
    /// Seconds since the first step began.
    public let start: Double
    public let seconds: Double

    public init(start: Double, seconds: Double) {
      self.start = start
      self.seconds = seconds
    }
  }

  /// Operations of one class, or of one name.
  public struct Sum: Equatable, Sendable {
    public let kind: OperationClass
    /// The class's or the operation's.
    public let name: String
    public let count: Int
    public let seconds: Double
    /// Of the steps' time.
    public let share: Double
  }

  public let steps: [Step]
  /// In the order in which they were carried out.
  public let spans: [OperationSpan]

  public init(steps: [Step], spans: [OperationSpan]) {
    self.steps = steps
    self.spans = spans
  }

  /// Seconds of all steps.
  public var seconds: Double { steps.reduce(0) { $0 + $1.seconds } }

  /// Seconds of the steps in which no operation ran: launches, and what only the host did.
  public var gaps: Double { max(0, seconds - spans.reduce(0) { $0 + $1.seconds }) }

  /// The operations by class, the longest first.
  public var classes: [Sum] { sums { $0.kind.rawValue } }

  /// The operations by name, the longest first.
  public var operations: [Sum] { sums { $0.name } }

  private func sums(by name: (OperationSpan) -> String) -> [Sum] {
    var order: [String] = []
    var found: [String: (kind: OperationClass, count: Int, seconds: Double)] = [:]
    for span in spans {
      let name = name(span)
      if found[name] == nil { order.append(name) }
      let sum = found[name, default: (span.kind, 0, 0)]
      found[name] = (sum.kind, sum.count + 1, sum.seconds + span.seconds)
    }
    let all = seconds
    return order.compactMap { name in
      found[name].map { sum in
        Sum(
          kind: sum.kind, name: name, count: sum.count, seconds: sum.seconds,
          share: all > 0 ? sum.seconds / all : 0)
      }
    }.sorted { ($1.seconds, $0.name) < ($0.seconds, $1.name) }
  }

  /// A line for people, such as `products 61 %, attention 20 %, gaps 3 %`.
  public var line: String {
    func percent(_ share: Double) -> String { "\((1000 * share).rounded() / 10) %" }
    let parts = classes.map { "\($0.name) \(percent($0.share))" }
    return (parts + ["gaps \(percent(seconds > 0 ? gaps / seconds : 0))"]).joined(separator: ", ")
  }
}
