import Manifest

/// What the tests' manifests may name.
let vocabulary = Vocabulary(
  sources: [
    .init("c4"), .init("books"), .init("wikipedia", settings: ["languages", "limit", "strict"]),
  ],
  rewrites: ["c4.lines", "github.licence-header"],
  signals: ["gopher.word_count", "gopher.stop_words", "text.characters"])

func corpus(_ yaml: String) throws -> CorpusManifest {
  try CorpusManifest(yaml: yaml, file: "x.yaml", vocabulary: vocabulary)
}

/// The whole message of the mistake in a corpus manifest; empty where there is none.
func mistake(_ yaml: String) -> String {
  do {
    _ = try corpus(yaml)
    return ""
  } catch {
    return "\(error)"
  }
}

/// A manifest with one source, whose keys are `wikipedia`, and more at the top.
func manifest(wikipedia: String = "", top: String = "") -> String {
  let inner = wikipedia.split(separator: "\n").map { "    \($0)\n" }.joined()
  return """
    name: x
    added: 2023-02-27
    sources:
      wikipedia:
        inputs: ["*.bz2"]

    """ + inner + top
}

/// A model's manifest.
func model(_ shape: String = "dim: 8, layers: 1, heads: 2", training: String = "") -> String {
  """
  name: m
  model: { \(shape) }
  training: { learning-rate: 1e-3, steps: 9, warm-up: 2, batch-sequences: 4\(training) }
  """
}
