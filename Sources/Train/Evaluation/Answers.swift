import Ground

/// An answer without what does not matter: in lower case, without punctuation, without `a`, `an` and
/// `the`, its words one blank apart.
///
/// Punctuation is ASCII's and the typographic quotes and dashes.
///
/// - SeeAlso: LLaMA, appendix A (arXiv:2302.13971); rajpurkar/SQuAD `evaluate-v1.1.py`.
package func comparable(_ answer: [UInt8]) -> String {
  let lower = String(decoding: answer, as: UTF8.self).lowercased()
  var words: [String] = []
  var word = String.UnicodeScalarView()
  func close() {
    let whole = String(word)
    if !whole.isEmpty && !["a", "an", "the"].contains(whole) { words.append(whole) }
    word = String.UnicodeScalarView()
  }
  for scalar in lower.unicodeScalars {
    if scalar.properties.isWhitespace {
      close()
    } else if !isPunctuation(scalar) {
      word.append(scalar)
    }
  }
  close()
  return words.joined(separator: " ")
}

private func isPunctuation(_ scalar: Unicode.Scalar) -> Bool {
  switch scalar.value {
  case 0x21...0x2f, 0x3a...0x40, 0x5b...0x60, 0x7b...0x7e: true  // ASCII
  case 0x2010...0x2015, 0x2018...0x201f, 0xb4: true  // dashes, quotes, the acute accent
  default: false
  }
}
