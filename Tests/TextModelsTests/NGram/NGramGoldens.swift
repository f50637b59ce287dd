import Ground
import TestSupport
import TextModels

/// Models that KenLM built, and what the kenlm package says of them; Scripts/text-model-goldens.py
/// makes them.
enum NGramGoldens {
  static let folder = "\(repository)/Tests/TextModelsTests/Goldens/NGram"
  /// Every binary, with the settings that build it; the one with rest costs is read only.
  static let builds: [(name: String, kind: NGramKind, settings: NGramBinarySettings?)] = [
    ("probing", .probing, NGramBinarySettings(.probing)),
    ("rest", .restProbing, nil),
    ("trie", .trie, NGramBinarySettings(.trie)),
    ("quantized", .quantizedTrie, trie(bits: true, array: false)),
    ("array", .arrayTrie, trie(bits: false, array: true)),
    ("quantized-array", .quantizedArrayTrie, trie(bits: true, array: true)),
  ]
  static let names = builds.map(\.name)
  static let arpa = "\(folder)/model.arpa"

  private static func trie(bits: Bool, array: Bool) -> NGramBinarySettings {
    var settings = NGramBinarySettings(.trie)
    if bits { (settings.probabilityBits, settings.backoffBits) = (4, 3) }
    if array { settings.pointerBits = 255 }
    return settings
  }

  static func path(_ name: String) -> String { "\(folder)/\(name).bin" }

  static func bytes(_ path: String) throws -> [UInt8] { try openDecoded(path).readToEnd() }

  static func texts() throws -> [[UInt8]] {
    try bytes("\(folder)/texts.txt").split(separator: 0x0a, omittingEmptySubsequences: false)
      .map { Array($0) }
  }

  /// What the package says of a text.
  struct Answer {
    /// With both marks, without that of the end, of the beginning, of both.
    var sums: [Float]
    /// With both marks.
    var words: [NGramWordScore]
  }

  static func answers(_ name: String) throws -> [Answer] {
    let lines = String(decoding: try bytes("\(folder)/scores.txt"), as: UTF8.self)
    var answers: [Answer] = []
    for line in lines.split(separator: "\n") {
      let fields = line.split(separator: " ")
      guard fields[0] == name else { continue }
      var answer = Answer(sums: [], words: [])
      for field in fields[1...4] { answer.sums.append(float(field)) }
      for field in fields[5...] {
        let parts = field.split(separator: ",")
        answer.words.append(
          NGramWordScore(
            log10: float(parts[0]), length: Int(parts[1]) ?? 0, isUnknown: parts[2] == "1"))
      }
      answers.append(answer)
    }
    return answers
  }

  private static func float(_ bits: Substring) -> Float { Float(bitPattern: UInt32(bits) ?? 0) }
}
