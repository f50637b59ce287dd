/// A command line of `quipu tokenizer train` in SentencePiece's spelling, rewritten in ours.
///
/// `--vocab_size=300` becomes `--vocab-size=300`, and `--split_digits=false` `--no-split-digits`.
/// Other command lines, values, and what stands behind `--` stay as they are.
func sentencePieceSpelling(_ arguments: [String]) -> [String] {
  guard arguments.starts(with: ["tokenizer", "train"]) else { return arguments }
  let end = arguments.firstIndex(of: "--") ?? arguments.count
  return arguments[..<end].map(rewrite) + arguments[end...]
}

private func rewrite(_ argument: String) -> String {
  guard argument.hasPrefix("--") else { return argument }
  let parts = argument.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
  let name = String(parts[0].map { $0 == "_" ? "-" : $0 })
  guard parts.count == 2 else { return name }
  switch String(parts[1]) {
  case "true" where switches.contains(name): return name
  case "false" where switches.contains(name): return "--no-" + name.dropFirst(2)
  default: return "\(name)=\(parts[1])"
  }
}

/// The options that are true or false.
private let switches: Set<String> = [
  "--split-by-unicode-script", "--split-by-number", "--split-by-whitespace", "--split-digits",
  "--treat-whitespace-as-suffix", "--allow-whitespace-only-pieces", "--byte-fallback",
  "--vocabulary-output-piece-score", "--add-dummy-prefix", "--remove-extra-whitespaces",
  "--hard-vocab-limit", "--shuffle-input-sentence", "--train-extremely-large-corpus",
  "--auto-character-coverage", "--enable-differential-privacy", "--use-all-vocab",
]
