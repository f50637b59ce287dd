import Glibc

/// The float nearest to a decimal number, such as `-2.8462243` or `-9.7e-05`; nil for anything else.
///
/// Takes `inf` and `-inf`, as KenLM does, but no hexadecimal numbers and no NaN.
func arpaFloat(_ bytes: Span<UInt8>, _ range: Range<Int>) -> Float? {
  var place = range.lowerBound
  let end = range.upperBound
  guard place < end else { return nil }
  let isNegative = bytes[place] == UInt8(ascii: "-")
  if isNegative || bytes[place] == UInt8(ascii: "+") { place += 1 }
  var digits: UInt64 = 0
  var count = 0
  var decimals = 0
  var hasPoint = false
  while place < end {
    let byte = bytes[place]
    if byte &- 0x30 < 10 {
      digits = digits &* 10 &+ UInt64(byte &- 0x30)
      count += 1
      decimals += hasPoint ? 1 : 0
    } else if byte == UInt8(ascii: "."), !hasPoint {
      hasPoint = true
    } else {
      break
    }
    place += 1
  }
  if place == end, count > 0, count <= 15, decimals <= 8 {
    // Both are exact in 64 bits, and so few digits never come so near to the middle between two
    // floats that rounding the quotient twice could go wrong.
    let value = Float(Double(digits) / powersOfTen[decimals])
    return isNegative ? -value : value
  }
  return slowFloat(bytes, range, hasDigits: count > 0)
}

private let powersOfTen: [Double] = [1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8]

private func slowFloat(_ bytes: Span<UInt8>, _ range: Range<Int>, hasDigits: Bool) -> Float? {
  guard range.count < 1 << 10 else { return nil }
  let text = range.map { bytes[$0] }
  switch String(decoding: text, as: UTF8.self) {
  case "inf", "+inf": return .infinity
  case "-inf": return -.infinity
  default: break
  }
  let isPlain = text.allSatisfy { $0 &- 0x30 < 10 || "+-.eE".utf8.contains($0) }
  guard hasDigits, isPlain else { return nil }
  return unsafe (text + [0]).withUnsafeBufferPointer { raw in
    unsafe raw.withMemoryRebound(to: CChar.self) { text in
      guard let start = text.baseAddress else { return nil }
      var stop: UnsafeMutablePointer<CChar>?
      let value = unsafe strtof(start, &stop)
      return unsafe stop == UnsafeMutablePointer(mutating: start + range.count) ? value : nil
    }
  }
}
