public import Documents

/// How long a text is: in bytes, characters (Unicode scalars) and lines (ends of line are U+000A).
public struct TextMeasure: Measure {
  public static let signals = ["text.bytes", "text.characters", "text.lines"]

  public init() {}

  public func measure(_ document: borrowing Document, into signals: inout Signals) {
    let text = document.text
    let span = text.span
    var ends = 0
    unsafe span.withUnsafeBufferPointer { bytes in
      for index in 0..<bytes.count { ends &+= unsafe bytes[index] == 0x0a ? 1 : 0 }
    }
    if let last = text.last, last != 0x0a { ends += 1 }
    signals["text.bytes"] = Double(text.count)
    signals["text.characters"] = Double(span.characters(in: 0..<text.count))
    signals["text.lines"] = Double(ends)
  }
}
