import Glibc

extension RunStats {
  /// A page with curves that needs nothing else: losses, learning rate, norm of the gradient.
  func page(logSteps: Bool) -> String {
    let loss = steps.compactMap { step in step.loss.map { (step: step.step, value: $0) } }
    let norm = steps.compactMap { step in step.gradientNorm.map { (step: step.step, value: $0) } }
    let rate = steps.map { (step: $0.step, value: $0.learningRate) }
    let charts = [
      RunChart(
        title: "Loss, nats a token",
        lines: [
          .init(name: "training", style: "faint", points: loss),
          .init(name: "training, smoothed", style: "one", points: smoothed),
          .init(name: "validation", style: "two", points: validation),
        ]),
      RunChart(title: "Learning rate", lines: [.init(name: "", style: "one", points: rate)]),
      RunChart(
        title: "Norm of the gradient", lines: [.init(name: "", style: "one", points: norm)]),
    ]
    var facts = [("steps", grouped(steps.last?.step ?? 0))]
    facts.append(("tokens", grouped(steps.last?.tokens ?? 0)))
    facts.append(("last loss, smoothed", lastLoss.map { fixed($0, 4) } ?? "-"))
    if let best = bestValidation, let loss = best.validationLoss {
      facts.append(("best validation loss", "\(fixed(loss, 4)) at step \(grouped(best.step))"))
    }
    facts += validationBySource.map { ("validation, \($0.source)", fixed($0.loss, 4)) }
    facts.append(("tokens a second", grouped(Int(min(speed, 1e15)))))
    facts.append(("skipped, rewinds, resumes", "\(skipped), \(rewinds), \(resumes)"))
    let rows = facts.map { "<tr><th>\(escaped($0.0))</th><td>\(escaped($0.1))</td></tr>" }
    return """
      <!doctype html>
      <html lang="en"><head><meta charset="utf-8"><title>\(escaped(folder))</title>
      <meta name="viewport" content="width=device-width">
      <style>
      :root { color-scheme: light dark; --ink: #222; --faint: #bbb; --one: #1f5fa8; --two: #c2410c }
      @media (prefers-color-scheme: dark) {
        :root { --ink: #ddd; --faint: #555; --one: #7db3f0; --two: #fb923c }
      }
      body { font: 14px system-ui, sans-serif; color: var(--ink); max-width: 900px; margin: 2em auto }
      th { text-align: left; font-weight: normal; padding-right: 2em } svg { width: 100% }
      text { font-size: 12px; fill: var(--ink) } polyline { fill: none; stroke-width: 1.5 }
      .faint { stroke: var(--faint) } .one { stroke: var(--one) } .two { stroke: var(--two) }
      .axis { stroke: var(--faint); stroke-width: 1 }
      </style></head><body>
      <h1>\(escaped(folder))</h1>
      <table>\(rows.joined())</table>
      \(charts.map { $0.svg(logSteps: logSteps) }.joined(separator: "\n"))
      </body></html>

      """
  }
}

/// Lines over steps, as SVG.
struct RunChart {
  struct Line {
    var name: String
    /// The class of its style.
    var style: String
    var points: [(step: Int, value: Double)]
  }

  var title: String
  var lines: [Line]

  private static let (width, height) = (860.0, 280.0)
  private static let (left, right, top, bottom) = (64.0, 10.0, 10.0, 30.0)
  /// Points of a line at most: about one a pixel.
  private static let most = 800

  func svg(logSteps: Bool) -> String {
    let all = lines.flatMap(\.points).filter { $0.value.isFinite }
    guard let low = all.map(\.value).min(), let high = all.map(\.value).max(),
      let first = all.map(\.step).min(), let last = all.map(\.step).max()
    else { return "" }
    let innerWidth = Self.width - Self.left - Self.right
    let innerHeight = Self.height - Self.top - Self.bottom
    func way(_ step: Double) -> Double {
      guard last > first else { return 0 }
      let (from, to) = (Double(max(1, first)), Double(last))
      return logSteps ? log(max(1, step) / from) / log(to / from) : (step - from) / (to - from)
    }
    func x(_ step: Double) -> String { fixed(Self.left + innerWidth * way(step), 1) }
    func y(_ value: Double) -> String {
      fixed(Self.top + innerHeight * (high - value) / max(high - low, 1e-12), 1)
    }
    var svg = "<h2>\(escaped(title))</h2>\n"
    svg += "<svg viewBox=\"0 0 \(Int(Self.width)) \(Int(Self.height))\" role=\"img\">"
    for part in 0...4 {
      let value = low + (high - low) * Double(part) / 4
      svg += "<line class=\"axis\" x1=\"\(fixed(Self.left, 1))\" x2=\"\(fixed(Self.width, 1))\" "
      svg += "y1=\"\(y(value))\" y2=\"\(y(value))\"/>"
      svg += "<text x=\"\(fixed(Self.left - 6, 1))\" y=\"\(y(value))\" text-anchor=\"end\">"
      svg += "\(label(value))</text>"
    }
    for part in 0...4 {
      let share = Double(part) / 4
      let (from, to) = (Double(max(1, first)), Double(last))
      let step = logSteps ? from * pow(to / from, share) : from + (to - from) * share
      svg += "<text x=\"\(x(step))\" y=\"\(fixed(Self.height - 8, 1))\" "
      svg += "text-anchor=\"\(part == 4 ? "end" : "middle")\">\(grouped(Int(step)))</text>"
    }
    for line in lines where !line.points.isEmpty {
      let points = thinned(line.points).map { "\(x(Double($0.step))),\(y($0.value))" }
      svg += "<polyline class=\"\(line.style)\" points=\"\(points.joined(separator: " "))\">"
      svg += "<title>\(escaped(line.name))</title></polyline>"
    }
    var place = Self.left + 10
    for line in lines where !line.name.isEmpty && !line.points.isEmpty {
      svg +=
        "<line class=\"\(line.style)\" x1=\"\(fixed(place, 1))\" x2=\"\(fixed(place + 20, 1))\" "
      svg += "y1=\"16\" y2=\"16\"/><text x=\"\(fixed(place + 26, 1))\" y=\"20\">"
      svg += "\(escaped(line.name))</text>"
      place += 60 + 7 * Double(line.name.count)
    }
    return svg + "</svg>"
  }

  /// The lowest and the highest of each stretch, so that no spike is lost.
  private func thinned(_ points: [(step: Int, value: Double)]) -> [(step: Int, value: Double)] {
    let finite = points.filter { $0.value.isFinite }
    guard finite.count > Self.most else { return finite }
    var kept: [(step: Int, value: Double)] = []
    let stretches = Self.most / 2
    for number in 0..<stretches {
      let stretch =
        finite[finite.count * number / stretches..<finite.count * (number + 1) / stretches]
      guard let low = stretch.min(by: { $0.value < $1.value }),
        let high = stretch.max(by: { $0.value < $1.value })
      else { continue }
      kept += low.step == high.step ? [low] : low.step < high.step ? [low, high] : [high, low]
    }
    return kept
  }

  /// Few digits, also of small numbers.
  private func label(_ value: Double) -> String {
    guard abs(value) < 0.01 && value != 0 else { return fixed(value, 2) }
    let exponent = Int(floor(log10(abs(value))))
    return "\(fixed(value / pow(10, Double(exponent)), 1))e\(exponent)"
  }
}

/// Text for HTML.
private func escaped(_ text: String) -> String {
  var result = ""
  for scalar in text.unicodeScalars {
    switch scalar {
    case "&": result += "&amp;"
    case "<": result += "&lt;"
    case ">": result += "&gt;"
    case "\"": result += "&quot;"
    default: result.unicodeScalars.append(scalar)
    }
  }
  return result
}
