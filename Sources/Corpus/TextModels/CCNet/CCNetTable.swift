import Tokenizer

/// What `CCNetNormalizer` makes of each scalar.
struct CCNetTable: Sendable {
  static let shared = CCNetTable()

  /// Scalars from here on are rare and not in the table.
  static let limit: UInt32 = 0x20000
  /// The most bytes that come out for one that goes in; a Hangul syllable becomes three letters.
  static let growth = 3

  /// What an entry says beside bytes: the number in its highest eight bits.
  enum Kind {
    /// Below: so many bytes come out, which are in the entry, the first in its lowest bits.
    static let special: UInt32 = 4
    /// A scalar of four bytes that stays as it is.
    static let copied: UInt32 = 4
    /// A capital sigma, which becomes one of two small ones.
    static let sigma: UInt32 = 5
    /// A syllable that becomes two letters or three.
    static let hangul: UInt32 = 6
    /// Is deleted, but no mark is put in order across it.
    static let barrier: UInt32 = 7
    /// A spacing mark that has its place in the canonical order.
    static let mark: UInt32 = 8
    /// Becomes more than three bytes: the sequence whose number is in the entry.
    static let sequence: UInt32 = 9
  }

  private(set) var entries: [UInt32] = []
  private(set) var sequences: [[UInt8]] = []
  private let forms = CanonicalForms()

  private init() {
    entries.reserveCapacity(Int(Self.limit))
    for value in 0..<Self.limit { entries.append(entry(value)) }
  }

  private mutating func entry(_ value: UInt32) -> UInt32 {
    func kind(_ kind: UInt32) -> UInt32 { kind << 24 }
    guard let scalar = Unicode.Scalar(value) else { return entry(0xfffd) }
    if value == 0x3a3 { return kind(Kind.sigma) }
    if 0xac00..<0xd7a4 ~= value { return kind(Kind.hangul) }
    let bytes = folded(scalar)
    let isStarter = scalar.properties.canonicalCombiningClass == .notReordered
    if bytes.isEmpty { return isStarter ? kind(Kind.barrier) : 0 }
    if !isStarter { return kind(Kind.mark) }
    if bytes.count < Kind.special {
      var entry = kind(UInt32(bytes.count))
      for (place, byte) in bytes.enumerated() { entry |= UInt32(byte) << UInt32(8 * place) }
      return entry
    }
    if bytes.elementsEqual(String(scalar).utf8) { return kind(Kind.copied) }
    sequences.append(bytes)
    return kind(Kind.sequence) | UInt32(sequences.count - 1)
  }

  /// What a scalar becomes on its own.
  func folded(_ scalar: Unicode.Scalar) -> [UInt8] {
    var bytes: [UInt8] = []
    for lower in scalar.properties.lowercaseMapping.unicodeScalars {
      for part in forms.decomposed(lower.value).compactMap(Unicode.Scalar.init) {
        let category = part.properties.generalCategory
        if category == .nonspacingMark || category == .control { continue }
        if category == .decimalNumber {
          bytes.append(UInt8(ascii: "0"))
        } else if let likeness = Self.likenesses[part] {
          bytes += likeness.utf8
        } else {
          bytes += String(part).utf8
        }
      }
    }
    return bytes
  }

  /// CCNet's list also has U+FF11 for a quotation mark; a digit, it is `0` before that is looked at.
  private static let likenesses: [Unicode.Scalar: String] = {
    var table: [Unicode.Scalar: String] = ["—": " - ", "．": ". ", "…": "..."]
    for (likeness, marks) in [
      (",", "，、"), (".", "。"), ("\"", "„”“«»」「《》"), ("'", "´’"), (":", "∶："), ("?", "？"),
      ("!", "！"),
      ("(", "（"), (")", "）"), (";", "；"), ("-", "–━►"), ("~", "～"), ("<", "〈"), (">", "〉"),
      ("[", "【"),
      ("]", "】"), ("%", "％"),
    ] {
      for mark in marks.unicodeScalars { table[mark] = likeness }
    }
    return table
  }()
}
