import Documents
import Ground

/// A document that is nothing but its text.
func document(_ text: String, path: String? = nil) -> Document {
  var document = Document(
    source: "test", text: Array(text.utf8),
    origin: Origin(path: "test", location: Location(offset: 0, skip: 0), length: 0))
  if let path { document.metadata["path"] = .string(path) }
  return document
}

func signals(_ measure: some Measure, _ text: String) -> Signals {
  var signals = Signals()
  measure.measure(document(text), into: &signals)
  return signals
}

/// What a rewrite makes of a text, and its signals.
func rewritten(
  _ rewrite: some Rewrite, _ text: String, path: String? = nil
) -> (text: String, signals: Signals) {
  var (document, signals) = (document(text, path: path), Signals())
  rewrite.rewrite(&document, noting: &signals)
  return (String(decoding: document.text, as: UTF8.self), signals)
}

extension String {
  static func * (text: String, count: Int) -> String { String(repeating: text, count: count) }
}
