import Ground

/// Cuts a text into words in the form that duplicates are compared in, and hashes the words.
struct WordFolding: Sendable {
  /// FineWeb's: lower case, numbers to `0`, marks removed, punctuation and controls separate words.
  ///
  /// - SeeAlso: datatrove `utils/text.py`, `simplify_text`. Ours splits at spaces where datatrove
  ///   runs a tokenizer of the language, knows no Hangul decomposition, and has one small sigma.
  static let fineWeb = WordFolding(hasNumbers: true) { scalar in
    punctuation.contains(scalar.value) || scalar.properties.generalCategory == .control
  }

  /// Letters and digits only: everything else separates words.
  static let alphanumeric = WordFolding(hasNumbers: false) { scalar in
    let properties = scalar.properties
    return properties.numericType == nil && !properties.isAlphabetic
      && properties.generalCategory != .nonspacingMark
  }

  private static let separator: UInt16 = 0
  private static let deleted: UInt16 = 1
  private static let number: UInt16 = 2

  /// What becomes of the scalars of the basic plane.
  private let table: [UInt16]
  private let hasNumbers: Bool

  private init(hasNumbers: Bool, separates: (Unicode.Scalar) -> Bool) {
    self.hasNumbers = hasNumbers
    var plain: [UInt32: UInt16] = [:]
    var letters = accents.unicodeScalars.makeIterator()
    while let letter = letters.next(), let base = letters.next() {
      plain[letter.value] = UInt16(base.value)
    }
    table = (0..<0x10000).map { value in
      guard let scalar = Unicode.Scalar(UInt32(value)) else { return Self.separator }
      if isPythonSpace(scalar.value) || separates(scalar) { return Self.separator }
      let properties = scalar.properties
      if properties.generalCategory == .nonspacingMark { return Self.deleted }
      if hasNumbers && properties.generalCategory == .decimalNumber { return Self.number }
      if value == 0x3c2 { return 0x3c3 }
      // A dotted capital I loses its dot as it would any mark; nothing else has two small scalars.
      let lower = properties.lowercaseMapping.unicodeScalars.first ?? scalar
      guard lower.value < 0x10000 else { return UInt16(value) }
      return plain[lower.value] ?? UInt16(lower.value)
    }
  }

  /// The hash of every word of `text`, in order.
  ///
  /// - Complexity: O(n).
  func hashWords(of text: Span<UInt8>, into words: inout [UInt64]) {
    words.removeAll(keepingCapacity: true)
    let table = table.span
    var (hash, index, isInNumber) = (Self.start, 0, false)
    while index < text.count {
      let byte = text[index]
      var length = 1
      var folded: UInt32
      if byte < 0x80 {
        folded = UInt32(table[Int(byte)])
      } else {
        let scalar = text.scalar(at: index, below: text.count)
        length = scalar.length
        folded =
          scalar.value < 0x10000 ? UInt32(table[Int(scalar.value)]) : beyond(scalar.value)
      }
      if folded == Self.number {
        if isInNumber {
          index &+= length
          continue
        }
        folded = 0x30
        isInNumber = true
      } else if isInNumber {
        // A number has one decimal part at most.
        isInNumber = false
        if byte == 0x2e, let end = numberEnd(text, index &+ 1) {
          index = end
          continue
        }
      }
      index &+= length
      if folded > UInt32(Self.number) {
        hash = (hash ^ UInt64(folded)) &* Self.prime
      } else if folded == Self.separator, hash != Self.start {
        words.append(hash)
        hash = Self.start
      }
    }
    if hash != Self.start { words.append(hash) }
  }

  /// The end of the digits that begin at `index`; nil where none do.
  private func numberEnd(_ text: Span<UInt8>, _ index: Int) -> Int? {
    var end = index
    while end < text.count {
      let scalar = text.scalar(at: end, below: text.count)
      guard scalar.value < 0x10000, table[Int(scalar.value)] == Self.number else { break }
      end += scalar.length
    }
    return end > index ? end : nil
  }

  private func beyond(_ value: UInt32) -> UInt32 {
    guard let properties = Unicode.Scalar(value)?.properties else { return 0 }
    if properties.generalCategory == .nonspacingMark { return UInt32(Self.deleted) }
    if hasNumbers && properties.generalCategory == .decimalNumber { return UInt32(Self.number) }
    if !hasNumbers && !properties.isAlphabetic && properties.numericType == nil { return 0 }
    return properties.lowercaseMapping.unicodeScalars.first?.value ?? value
  }

  /// FNV-1a, 64 bits, over scalars instead of bytes.
  private static let start: UInt64 = 0xcbf2_9ce4_8422_2325
  private static let prime: UInt64 = 0x100_0000_01b3

  /// datatrove's punctuation; its control characters are category Cc.
  private static let punctuation = Set(
    "!/—”:％１〈&(、━\\【#%「」，】；+^]~“《„';’{|∶´[=-`*．（–？！：$～«〉,><》)?）。…@_.\"}►»"
      .unicodeScalars.map(\.value))
}

/// Replaces the words' hashes by those of every `n` words that follow one another; by one of all
/// words where they are fewer, and by none where there are none.
func makeShingles(_ words: inout [UInt64], n: Int) {
  if words.isEmpty { return }
  let n = min(n, words.count)
  let factor: UInt64 = 0x9e37_79b9_7f4a_7c15
  var oldest: UInt64 = 1  // factor to the power of n, for the word that leaves
  for _ in 0..<n { oldest = oldest &* factor }
  var rolling: UInt64 = 0
  for index in 0..<n { rolling = rolling &* factor &+ scattered(words[index]) }
  let count = words.count - n + 1
  for index in 0..<count {
    let leaves = scattered(words[index])
    words[index] = scattered(rolling)
    if index + n < words.count {
      rolling = rolling &* factor &+ scattered(words[index + n]) &- leaves &* oldest
    }
  }
  words.removeLast(words.count - count)
}

/// `scatter` of Ground, here to be inlined.
@inline(__always)
private func scattered(_ number: UInt64) -> UInt64 {
  var bits = number
  bits = (bits ^ (bits &>> 30)) &* 0xbf58_476d_1ce4_e5b9
  bits = (bits ^ (bits &>> 27)) &* 0x94d0_49bb_1331_11eb
  return bits ^ (bits &>> 31)
}
