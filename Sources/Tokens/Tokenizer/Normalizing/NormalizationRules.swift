public import Ground

/// Strings and what a normalizer puts in their place, to be compiled into a model.
///
/// - SeeAlso: google/sentencepiece `doc/normalization.md`, `src/builder.cc`.
public struct NormalizationRules: Sendable {
  /// UTF-8, distinct.
  private var sources = ByteStrings()
  /// By number of the source: UTF-8, or nil for a rule that was taken back.
  private var targets: [[UInt8]?] = []

  /// No rules: the identity.
  public init() {}

  /// Reads rules as SentencePiece's `normalization_rule_tsv` has them.
  ///
  /// Each line is a rule: the code points of the string in hexadecimal with spaces between, a tab,
  /// and those of its replacement, which may be none. What follows a second tab is left alone.
  ///
  /// - Throws: `Fault` with the byte at which the line begins that is no rule.
  public init(tsv: [UInt8], file: String) throws(Fault) {
    var start = 0
    while start < tsv.count {
      let end = tsv[start...].firstIndex(of: 0x0a) ?? tsv.count
      func fault(_ what: String) -> Fault { Fault(file, at: UInt64(start), .malformed(what)) }
      func string(_ field: Substring) throws(Fault) -> [UInt8] {
        var string: [UInt8] = []
        for word in field.split(whereSeparator: \.isWhitespace) {
          let digits = word.hasPrefix("U+") ? word.dropFirst(2) : word
          guard let number = UInt32(digits, radix: 16), number != 0,
            let scalar = Unicode.Scalar(number)
          else { throw fault("\(word) is not the code point of a character") }
          string.append(scalar: scalar.value)
        }
        return string
      }
      let line = String(decoding: tsv[start..<end], as: UTF8.self)
      let fields = line.split(separator: "\t", omittingEmptySubsequences: false)
      let source = try string(fields[0])
      let target = fields.count > 1 ? try string(fields[1]) : []
      guard !source.isEmpty else { throw fault("a rule has nothing to replace") }
      guard source != target else { throw fault("a rule replaces a string by itself") }
      set(source, target)
      start = end + 1
    }
  }

  /// How many rules there are.
  public var count: Int { targets.lazy.filter { $0 != nil }.count }

  /// The replacement of a string, or nil where there is no rule for it.
  public func target(of source: [UInt8]) -> [UInt8]? {
    sources.find(source.span).flatMap { targets[$0] }
  }

  /// The rules of SentencePiece that have a name: `identity`, `nfkc`, `nmt_nfkc`, `nfkc_cf`,
  /// `nmt_nfkc_cf`, from Unicode 17.0; nil for another name.
  ///
  /// - Complexity: There are 225,000 rules but for `identity`, which take a second or so.
  public static func named(_ name: String) -> NormalizationRules? {
    switch name {
    case "identity": NormalizationRules()
    case "nfkc": .nfkc()
    case "nmt_nfkc": .nfkc().mergingNMT()
    case "nfkc_cf": .nfkc().foldingCase()
    case "nmt_nfkc_cf": .nfkc().mergingNMT().foldingCase()
    default: nil
    }
  }

  /// The rules as a model holds them in `precompiled_charsmap`; no bytes where there are none.
  ///
  /// The same rules give the same bytes, whatever order they came in.
  ///
  /// - Throws: `Fault` where SentencePiece would refuse the rules.
  public func compiled() throws(Fault) -> [UInt8] {
    func fault(_ what: String) -> Fault { Fault("normalization rules", at: 0, .unusable(what)) }
    var rules: [(source: [UInt8], target: [UInt8])] = []
    for (number, target) in targets.enumerated() {
      guard let target else { continue }
      guard target.count <= Charsmap.targetLimit else {
        throw fault("a replacement has \(target.count) bytes")
      }
      guard sources.length(of: number) <= Charsmap.sourceLimit else {
        throw fault("a string to replace has \(sources.length(of: number)) bytes")
      }
      rules.append((Array(sources[number]), target))
    }
    if rules.isEmpty { return [] }
    rules.sort { $0.source.lexicographicallyPrecedes($1.source) }
    // Each replacement stands once, in the order in which rules first need it.
    var strings = ByteStrings(minimumCapacity: rules.count)
    var places: [Int] = []
    var block: [UInt8] = []
    var keys: [(bytes: [UInt8], value: Int)] = []
    var nested: [[UInt8]] = []
    for (source, target) in rules {
      while let last = nested.last, !source.starts(with: last) { nested.removeLast() }
      nested.append(source)
      guard nested.count < 32 else { throw fault("more than 31 strings begin each other") }
      let (number, isNew) = strings.insert(target.span)
      if isNew {
        places.append(block.count)
        block += target + [0]
      }
      keys.append((source, places[number]))
    }
    guard let trie = DoubleArrayBuilder.build(keys) else { throw fault("there are too many rules") }
    let bytes = trie.bytes
    var size: [UInt8] = []
    for shift in stride(from: 0, to: 32, by: 8) {
      size.append(UInt8(truncatingIfNeeded: bytes.count >> shift))
    }
    return size + bytes + block
  }
}

extension NormalizationRules {
  /// Adds a rule, or gives another replacement to an old one.
  mutating func set(_ source: [UInt8], _ target: [UInt8]?) {
    let (number, isNew) = sources.insert(source.span)
    if isNew { targets.append(target) } else { targets[number] = target }
  }

  /// All rules, in no order that means anything but that is always the same.
  var all: [(source: [UInt8], target: [UInt8])] {
    targets.enumerated().compactMap { number, target in
      target.map { (Array(sources[number]), $0) }
    }
  }

  /// Applies the rules to a string, at each place the longest of at most `limit` characters.
  func apply(_ text: [UInt8], limit: Int) -> [UInt8] {
    var output: [UInt8] = []
    var place = 0
    while place < text.count {
      // Where the first, second, … character ends.
      var ends: [Int] = []
      var end = place
      while end < text.count && ends.count < limit {
        end += decodeScalar(text.span, at: end).length
        ends.append(end)
      }
      var next = ends[0]
      var part = Array(text[place..<next])
      for end in ends.reversed() {
        if let target = target(of: Array(text[place..<end])) {
          (next, part) = (end, target)
          break
        }
      }
      output += part
      place = next
    }
    return output
  }

  /// The rules without those that shorter ones amount to.
  func withoutRedundant() -> NormalizationRules {
    var byLength: [[(source: [UInt8], target: [UInt8])]] = []
    for rule in all {
      let length = scalars(of: rule.source.span).count
      while byLength.count <= length { byLength.append([]) }
      byLength[length].append(rule)
    }
    var kept = NormalizationRules()
    for (length, rules) in byLength.enumerated() {
      var needed = rules
      if length > 1 {
        needed = rules.filter { kept.apply($0.source, limit: length - 1) != $0.target }
      }
      for (source, target) in needed { kept.set(source, target) }
    }
    return kept
  }
}
