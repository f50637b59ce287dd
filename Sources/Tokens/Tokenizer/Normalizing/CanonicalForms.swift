/// The canonical decomposition of single scalars, by `NormalizationTable`.
///
/// - SeeAlso: Unicode Standard Annex 15, form D.
package struct CanonicalForms: Sendable {
  private var parts: [UInt32: [UInt32]] = [:]

  package init() {
    for (scalar, full) in UnicodeForms.singles() { parts[scalar] = full }
    for (scalar, pair) in UnicodeForms.pairs() { parts[scalar] = pair }
  }

  /// What a scalar decomposes into in the end, in canonical order: itself where it does not.
  package func decomposed(_ scalar: UInt32) -> [UInt32] {
    if 0xac00..<0xd7a4 ~= scalar { return UnicodeForms.hangulParts(scalar) }
    guard let parts = parts[scalar] else { return [scalar] }
    return parts.flatMap { decomposed($0) }
  }
}
