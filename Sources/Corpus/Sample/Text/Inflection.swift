/// The forms of an English word of a list, each with the symbol it belongs to.
///
/// Irregular forms follow the word after slashes: `shelf/shelves` for a `noun` or an `agent`,
/// `take/took/taken/taking` for a `verb`. Words of other lists have one form.
func inflections(of word: String, as name: String) -> [(name: String, form: String)] {
  let forms = word.split(separator: "/").map { form in
    form.split(separator: "_", omittingEmptySubsequences: false).joined(separator: " ")
  }
  guard let base = forms.first else { return [] }
  switch name {
  case "noun", "agent":
    return [(name, base), ("\(name)s", forms.count > 1 ? forms[1] : withS(base))]
  case "verb":
    let past = forms.count > 1 ? forms[1] : withEnd("ed", base)
    return [
      ("verb", base), ("verbs", withS(base)), ("verbed", past),
      ("verbpp", forms.count > 2 ? forms[2] : past),
      ("verbing", forms.count > 3 ? forms[3] : withEnd("ing", base)),
    ]
  default: return [(name, base)]
  }
}

private let vowels: Set<Character> = ["a", "e", "i", "o", "u"]

private func withS(_ word: String) -> String {
  if word.hasSuffix("y"), let before = word.dropLast().last, !vowels.contains(before) {
    return word.dropLast() + "ies"
  }
  let hisses = ["s", "x", "z", "ch", "sh"].contains { word.hasSuffix($0) }
  return word + (hisses ? "es" : "s")
}

private func withEnd(_ end: String, _ word: String) -> String {
  if word.hasSuffix("e") && !word.hasSuffix("ee") { return word.dropLast() + end }
  if end == "ed", word.hasSuffix("y"), let before = word.dropLast().last, !vowels.contains(before) {
    return word.dropLast() + "ied"
  }
  return word + end
}
