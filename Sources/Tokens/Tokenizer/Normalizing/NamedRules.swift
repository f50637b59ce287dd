/// The rules that SentencePiece has names for, made from Unicode's data as it makes them.
///
/// - SeeAlso: google/sentencepiece `src/builder.cc`, `BuildMapInternal`, `MergeNmtMap`.
extension NormalizationRules {
  /// Compatibility composition (NFKC) as a list of strings to replace.
  ///
  /// These are single characters, and sequences that would compose: of each such sequence all
  /// spellings, such as a full-width letter with a combining accent.
  static func nfkc() -> NormalizationRules {
    let forms = UnicodeForms()
    var rules = NormalizationRules()
    /// Which characters decompose into a single one.
    var spellings: [UInt32: [UInt32]] = [:]
    var sequences = UnicodeForms.hangul()
    for (scalar, parts) in forms.decompositions {
      let composed = forms.composed(parts)
      if composed != [scalar] { rules.set(utf8([scalar]), utf8(composed)) }
      if parts.count == 1 {
        spellings[parts[0], default: []].append(scalar)
      } else {
        sequences.append(parts)
      }
    }
    for sequence in sequences {
      let composed = forms.composed(sequence)
      if composed == sequence { continue }
      var ways: [[UInt32]] = [[]]
      for part in sequence {
        let choices = [part] + (spellings[part] ?? [])
        ways = ways.flatMap { way in choices.map { way + [$0] } }
      }
      for way in ways where way != composed { rules.set(utf8(way), utf8(composed)) }
    }
    return rules.withoutRedundant()
  }

  /// What was added for machine translation: more characters are spaces, controls are nothing, and
  /// the full-width tilde, which Japanese uses otherwise than the narrow one, stays.
  func mergingNMT() -> NormalizationRules {
    let spaces: [UInt32] = [
      0x09, 0x0a, 0x0c, 0x0d,  // tabulator, line feed, form feed, carriage return
      0x61c, 0x200e, 0x200f,  // marks of direction
      0x1680,  // Ogham space mark
      0x200b, 0x200c, 0xfeff,  // zero width: space, non-joiner, no-break space
      0x2028, 0x2029,  // line and paragraph separator
      0x2581,  // which stands for a space in pieces
      0xfffd,  // replacement character
    ]
    let controls = [1...8, 0x0b...0x0b, 0x0e...0x1f, 0x7f...0x7f, 0x8f...0x8f, 0x9f...0x9f]
    var rules = self
    for scalar in spaces { rules.set(utf8([scalar]), [0x20]) }
    for range in controls { for scalar in range { rules.set(utf8([UInt32(scalar)]), []) } }
    rules.set(utf8([0xff5e]), nil)
    return rules.withoutRedundant()
  }

  /// The rules with what they give in lower case, and other characters too, by simple folding.
  func foldingCase() -> NormalizationRules {
    let folds = UnicodeForms.folds()
    var target: [UInt32: UInt32] = [:]
    for fold in folds { target[fold.scalar] = fold.target }
    var rules = NormalizationRules()
    for rule in all {
      rules.set(rule.source, utf8(scalars(of: rule.target.span).map { target[$0] ?? $0 }))
    }
    for fold in folds where rules.target(of: utf8([fold.scalar])) == nil {
      rules.set(utf8([fold.scalar]), utf8([fold.target]))
    }
    return rules.withoutRedundant()
  }
}

private func utf8(_ scalars: [UInt32]) -> [UInt8] {
  var bytes: [UInt8] = []
  for scalar in scalars { bytes.append(scalar: scalar) }
  return bytes
}
