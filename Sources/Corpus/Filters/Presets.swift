public import Documents

/// Rules that a paper or a corpus published, under a name for manifests.
public struct Preset: Sendable {
  public var name: String
  /// Where the numbers come from.
  public var source: String
  public var rules: [Rule]
}

/// All presets.
public let presets = [
  Preset(
    name: "gopher",
    source: "Rae et al. 2021, arXiv:2112.11446, A.1.1 and table A1; as in datatrove's filters.",
    rules: gopherRules),
  Preset(
    name: "c4",
    source:
      "Raffel et al. 2020, arXiv:1910.10683, 2.2; numbers of tensorflow_datasets c4_utils.py.",
    rules: c4Rules),
  Preset(
    name: "github",
    source: "RedPajama data_prep/github/github_run_filter.py; LLaMA publishes no numbers.",
    rules: githubRules),
]

/// The rules of the preset under `name`; nil where there is none.
public func presetRules(_ name: String) -> [Rule]? { presets.first { $0.name == name }?.rules }

private let gopherRules =
  [
    Rule(signal: "gopher.word_count", keeps: 50...100_000),
    Rule(signal: "gopher.mean_word_length", keeps: 3...10),
    Rule(signal: "gopher.hash_ratio", keeps: 0...0.1),
    Rule(signal: "gopher.ellipsis_ratio", keeps: 0...0.1),
    Rule(signal: "gopher.bullet_lines", keeps: 0...0.9),
    Rule(signal: "gopher.ellipsis_lines", keeps: 0...0.3),
    Rule(signal: "gopher.alphabetic_words", keeps: 0.8...1),
    Rule(signal: "gopher.stop_words", keeps: 2...8),
    Rule(signal: "gopher.duplicate_lines", keeps: 0...0.3),
    Rule(signal: "gopher.duplicate_paragraphs", keeps: 0...0.3),
    Rule(signal: "gopher.duplicate_line_characters", keeps: 0...0.2),
    Rule(signal: "gopher.duplicate_paragraph_characters", keeps: 0...0.2),
  ]
  + zip(2...4, [0.2, 0.18, 0.16]).map { Rule(signal: "gopher.top_\($0)gram", keeps: 0...$1) }
  + zip(5...10, [0.15, 0.14, 0.13, 0.12, 0.11, 0.1]).map {
    Rule(signal: "gopher.duplicate_\($0)gram", keeps: 0...$1)
  }

private let c4Rules = [
  Rule(signal: "c4.characters", keeps: 0...190_000),
  Rule(signal: "c4.lorem_ipsum", keeps: 0...0),
  Rule(signal: "c4.curly_bracket", keeps: 0...0),
  Rule(signal: "c4.sentences", keeps: 3...Double.infinity),
  Rule(signal: "c4.bad_words", keeps: 0...0),
]

private let githubRules = [
  Rule(signal: "text.bytes", keeps: 1...Double.infinity),
  Rule(signal: "github.max_line_length", keeps: 0...1000),
  Rule(signal: "github.mean_line_length", keeps: 0...100),
  Rule(signal: "github.alphanumeric", keeps: 0.25...1),
]
