internal import Ground

/// How a line is rewritten before its words are counted.
package struct LineNormalizer: Sendable {
  /// What the model file says of it.
  package var spec: NormalizerSpec
  /// Appends what a line reads as, with its dummy space and 0x20 for every U+2581, to well-formed
  /// text; nothing for a line that is dropped.
  package var append: @Sendable (_ line: Span<UInt8>, _ text: inout [UInt8]) -> Void
  /// True where well-formed lines without U+2581 pass as they are, but for the dummy space.
  var passesPlainLines = false

  /// A normalizer that is called for every line.
  package init(
    spec: NormalizerSpec,
    append: @escaping @Sendable (_ line: Span<UInt8>, _ text: inout [UInt8]) -> Void
  ) {
    self.spec = spec
    self.append = append
  }

  /// The normalizer that the settings name.
  ///
  /// - Throws: `Fault` where the name is unknown.
  /// - Complexity: Rules other than `identity` take a second or so to be made.
  init(_ settings: TrainerSettings) throws(Fault) {
    let name = settings.normalizationRuleName
    if name == "identity" {
      self = .identity(settings)
      return
    }
    guard let rules = NormalizationRules.named(name) else {
      throw Fault("tokenizer", at: 0, .unusable("there are no normalization rules named \(name)"))
    }
    try self.init(rules, named: name, settings)
  }

  /// The normalizer that applies `rules`, and does with spaces what the settings say.
  ///
  /// - Throws: `Fault` where SentencePiece would refuse the rules.
  init(_ rules: NormalizationRules, named name: String, _ settings: TrainerSettings) throws(Fault) {
    let spec = NormalizerSpec(
      name: name, charsmap: try rules.compiled(), addDummyPrefix: settings.addDummyPrefix,
      removingExtraWhitespaces: settings.removeExtraWhitespaces)
    let normalizer = try Normalizer(
      spec, spaceIsSuffix: settings.treatWhitespaceAsSuffix, file: "tokenizer")
    self.init(spec: spec) { line, text in normalizer.normalize(line, into: &text) }
  }

  /// The normalizer that changes nothing but malformed UTF-8 and, where the settings say so, spaces.
  ///
  /// - SeeAlso: google/sentencepiece `src/normalizer.cc`, `Normalize`.
  static func identity(_ settings: TrainerSettings) -> LineNormalizer {
    let spec = NormalizerSpec(
      addDummyPrefix: settings.addDummyPrefix,
      removingExtraWhitespaces: settings.removeExtraWhitespaces)
    let begins = settings.addDummyPrefix && !settings.treatWhitespaceAsSuffix
    let ends = settings.addDummyPrefix && settings.treatWhitespaceAsSuffix
    let removes = settings.removeExtraWhitespaces
    var normalizer = LineNormalizer(spec: spec) { line, text in
      var rest = line
      if removes {
        while let first = rest.first, first == 0x20 { rest = rest.extracting(droppingFirst: 1) }
        if rest.isEmpty { return }
      }
      let start = text.count
      if begins { text.append(0x20) }
      let isValid = (try? UTF8Span(validating: rest)) != nil
      text.appendNormalized(rest, isValid: isValid, foldingSpaces: removes)
      if removes { while text.count > start && text.last == 0x20 { text.removeLast() } }
      if ends { text.append(0x20) }
    }
    normalizer.passesPlainLines = !removes
    return normalizer
  }
}

extension Span<UInt8> {
  fileprivate var first: UInt8? { isEmpty ? nil : self[0] }
}
