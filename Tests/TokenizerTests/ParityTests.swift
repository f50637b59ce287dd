import Ground
import TestSupport
import Testing
import Tokenizer

/// Every kind of model, trained by the sentencepiece package, against that package's answers.
@Suite(.enabled(if: SentencePiece.python != nil, Comment(rawValue: SentencePiece.absence)))
struct ParityTests {
  private static let rules = """
    61\t41
    62 63\t58 20 59
    7A\t
    20 20\t20
    2581\t5F
    41 30A\tC5
    71 75 65\t20
    """

  static let plans: [(name: String, arguments: String)] = [
    ("unigram", ""),
    ("unigram-bytes", "byte_fallback=True"),
    ("unigram-8000", "vocab_size=8000, byte_fallback=True"),
    ("unigram-identity", "normalization_rule_name='identity', remove_extra_whitespaces=False"),
    ("unigram-nfkc", "normalization_rule_name='nfkc'"),
    ("unigram-nfkc_cf", "normalization_rule_name='nfkc_cf'"),
    ("unigram-nmt_nfkc_cf", "normalization_rule_name='nmt_nfkc_cf', byte_fallback=True"),
    (
      "unigram-symbols",
      "user_defined_symbols=['knot', 'the ', '\u{2581}llama', 'ー', 'er', 'ere'], byte_fallback=True"
    ),
    ("unigram-suffix", "treat_whitespace_as_suffix=True"),
    (
      "unigram-suffix-bytes",
      "treat_whitespace_as_suffix=True, byte_fallback=True, remove_extra_whitespaces=False"
    ),
    ("unigram-no-prefix", "add_dummy_prefix=False"),
    ("unigram-no-prefix-kept", "add_dummy_prefix=False, remove_extra_whitespaces=False"),
    ("unigram-spaces", "allow_whitespace_only_pieces=True, remove_extra_whitespaces=False"),
    ("unigram-across", "split_by_whitespace=False"),
    ("unigram-any-script", "split_by_unicode_script=False, split_by_number=False"),
    ("unigram-digits", "split_digits=True, control_symbols=['<sep>'], pad_id=3"),
    ("unigram-surface", "unk_surface='??', unk_id=3, bos_id=0, eos_id=1"),
    (
      "unigram-rules",
      "normalization_rule_tsv='''\(rules)'''"
    ),
    (
      "unigram-denormalizer",
      "denormalization_rule_tsv='74 68 65\\t54 48 45\\n20\\t5F\\n6F\\t\\n'"
    ),
    ("word", "model_type='word', vocab_size=500"),
    ("word-bytes", "model_type='word', vocab_size=500, byte_fallback=True"),
    ("char", "model_type='char', vocab_size=400"),
    (
      "char-symbols",
      "model_type='char', vocab_size=600, byte_fallback=True, user_defined_symbols=['knot', 'ere', 'er']"
    ),
    ("bpe", "model_type='bpe'"),
    ("bpe-nfkc_cf", "model_type='bpe', normalization_rule_name='nfkc_cf', byte_fallback=True"),
    ("bpe-suffix", "model_type='bpe', treat_whitespace_as_suffix=True, byte_fallback=True"),
    ("bpe-no-prefix", "model_type='bpe', add_dummy_prefix=False"),
    (
      "bpe-symbols",
      "model_type='bpe', user_defined_symbols=['knot', 'the ', '\u{2581}llama', 'er', 'ere'], byte_fallback=True"
    ),
    (
      "bpe-across",
      "model_type='bpe', split_by_whitespace=False, normalization_rule_name='identity', remove_extra_whitespaces=False"
    ),
    (
      "bpe-kept",
      "model_type='bpe', normalization_rule_name='identity', byte_fallback=True, remove_extra_whitespaces=False"
    ),
  ]

  static func answers() throws -> [String: SentencePiece.Answers] {
    try SentencePiece.answers(
      plans: plans, trainedOn: HostileTexts.training(), texts: HostileTexts.all(),
      noise: HostileTexts.noise())
  }

  @Test func everyKindOfModelAnswersAlike() throws {
    let texts = HostileTexts.all()
    let noise = HostileTexts.noise()
    let answers = try Self.answers()
    var cases = 0
    for (name, _) in Self.plans {
      let expected = try #require(answers[name])
      let model = try TokenizerModel(expected.model, file: name)
      #expect(model.serialized() == expected.model, "\(name) is written as it was read")
      var rewritten = model
      rewritten.pieces.append(.init("x"))
      rewritten.pieces.removeLast()
      #expect(rewritten.serialized() == expected.model, "\(name) is written as it was made")
      let normalizer = try Normalizer(model)
      let decoder = TokenDecoder(model)
      let encoder = try TokenEncoder(model)
      for (index, text) in texts.enumerated() {
        let shown = "\(name), text \(index): \(String(decoding: text.prefix(60), as: UTF8.self))"
        #expect(normalizer.normalized(text) == expected.normalized[index], "\(shown)")
        #expect(origins(text, normalizer) == expected.origins[index], "\(shown)")
        #expect(encoder.encode(text) == expected.ids[index], "\(shown)")
        #expect(try decoder.decode(expected.ids[index]) == expected.decoded[index], "\(shown)")
        cases += 1
      }
      for (index, numbers) in noise.enumerated() {
        let size = Int32(model.pieces.count)
        let ids = numbers.map { (($0 % size) + size) % size }
        #expect(
          try decoder.decode(ids) == expected.decodedNoise[index], "\(name), noise \(index)")
        #expect(try streamed(decoder, ids) == expected.decodedNoise[index], "\(name), \(index)")
      }
    }
    #expect(cases == texts.count * Self.plans.count)
  }

  /// What llama.cpp's converter asks for: text, score and kind of every piece, and some settings.
  @Test func convertersFindWhatTheyReadInOurModels() throws {
    let trainer = try BPETrainer(TrainerGolden.all[0].settings)
    var counts = trainer.counts()
    counts.add(Array(TrainerGolden.all[0].text.utf8))
    let model = try trainer.train(counts)
    let folder = try TemporaryFolder()
    _ = try folder.write(model.serialized(), to: "tokenizer.model")
    let program = """
      import sys
      from sentencepiece import SentencePieceProcessor, sentencepiece_model_pb2
      data = open(sys.argv[1] + '/tokenizer.model', 'rb').read()
      proto = sentencepiece_model_pb2.ModelProto()
      proto.ParseFromString(data)
      assert proto.SerializeToString() == data
      assert proto.trainer_spec.model_type == 2
      assert proto.normalizer_spec.add_dummy_prefix
      assert not proto.normalizer_spec.remove_extra_whitespaces
      assert not proto.normalizer_spec.precompiled_charsmap
      processor = SentencePieceProcessor()
      processor.LoadFromFile(sys.argv[1] + '/tokenizer.model')
      with open(sys.argv[1] + '/pieces', 'w') as file:
          for id in range(processor.vocab_size()):
              kind = 2 if processor.IsUnknown(id) else 3 if processor.IsControl(id) else \
                  5 if processor.IsUnused(id) else 6 if processor.IsByte(id) else 1
              print(processor.IdToPiece(id), int(processor.GetScore(id)), kind, file=file)
      """
    let path = try folder.write(program, to: "program.py")
    let errors = try folder.write("", to: "errors")
    let python = try #require(SentencePiece.python)
    let status = try SentencePiece.run(python, ["-B", path, folder.path], errors: errors)
    let message = String(decoding: try wholeFile(errors).suffix(400), as: UTF8.self)
    #expect(status == 0, "\(message)")
    let expected = model.pieces.map { "\($0.text) \(Int($0.score)) \($0.kind.rawValue)\n" }
    let found = String(decoding: try wholeFile("\(folder.path)/pieces"), as: UTF8.self)
    #expect(found == expected.joined())
  }

  /// Our maps in the library's hands: the rules with names, and rules of a file.
  @Test func rulesThatWeCompileAreAppliedAlike() throws {
    let texts = HostileTexts.all()
    let plans = Self.plans.filter {
      ["unigram", "unigram-nfkc", "unigram-nfkc_cf", "unigram-nmt_nfkc_cf", "unigram-rules"]
        .contains($0.name)
    }
    let theirs = try SentencePiece.answers(
      plans: plans, trainedOn: HostileTexts.training(), texts: texts, noise: [])
    var models: [String: [UInt8]] = [:]
    for (name, answers) in theirs {
      var model = try TokenizerModel(answers.model, file: name)
      let map = model.normalizer.precompiledCharsmap
      let found = try #require(try Charsmap(map, file: name).rules())
      let rules = try #require(
        name == "unigram-rules"
          ? NormalizationRules(tsv: Array(Self.rules.utf8), file: "rules.tsv")
          : NormalizationRules.named(model.normalizer.name))
      #expect(found.count == rules.count, "\(name)")
      for (source, target) in found where rules.target(of: source) != target {
        Issue.record("\(name): \(source) is to become \(target)")
      }
      let compiled = try rules.compiled()
      #expect(Double(compiled.count) < 1.1 * Double(map.count), "\(name)")
      model.normalizer = NormalizerSpec(name: "ours", charsmap: compiled)
      models[name + "-ours"] = model.serialized()
    }
    let ours = try SentencePiece.answers(
      plans: [], trainedOn: [], texts: texts, noise: [], models: models)
    for (name, answers) in theirs {
      let again = try #require(ours[name + "-ours"])
      #expect(again.normalized == answers.normalized, "\(name)")
      #expect(again.ids == answers.ids, "\(name)")
    }
  }

  /// Vocabularies that no trainer would make, with ties, sums that start again, unused pieces.
  @Test func anyUnigramVocabularyAnswersAlike() throws {
    var chance = SeededGenerator(seed: 41)
    var models: [String: [UInt8]] = [:]
    for round in 0..<20 {
      var pieces: [(String, Float)] = []
      for _ in 0..<60 {
        let piece = (0..<Int.random(in: 1...5, using: &chance)).map { _ in
          ["a", "b", "e", "t", "h", "▁", "é", "1", "о", "の"].randomElement(using: &chance) ?? "a"
        }.joined()
        let score: Float =
          [-1, -2, -3, -0.1, -0.3, -7.7, -5000].randomElement(using: &chance) ?? -1
        if !pieces.contains(where: { $0.0 == piece }) { pieces.append((piece, score)) }
      }
      var kinds: [String: TokenizerModel.Piece.Kind] = [:]
      if round % 3 > 0 { for piece in pieces.prefix(3) { kinds[piece.0] = .userDefined } }
      if round % 3 > 1 { for piece in pieces.suffix(8) { kinds[piece.0] = .unused } }
      let model = unigramModel(pieces, kinds: kinds) { $0.byteFallback = round % 2 == 0 }
      models["any-\(round)"] = model.serialized()
    }
    let texts = HostileTexts.all()
    let answers = try SentencePiece.answers(
      plans: [], trainedOn: [], texts: texts, noise: HostileTexts.noise(), models: models)
    for (name, expected) in answers {
      let model = try TokenizerModel(expected.model, file: name)
      let encoder = try UnigramEncoder(model)
      let decoder = TokenDecoder(model)
      var scratch = UnigramScratch()
      for (index, text) in texts.enumerated() {
        var ids: [Int32] = []
        encoder.encode(text.span, into: &ids, scratch: &scratch)
        #expect(ids == expected.ids[index], "\(name), text \(index)")
        #expect(try decoder.decode(ids) == expected.decoded[index], "\(name), text \(index)")
      }
    }
    #expect(answers.count == 20)
  }

  /// Where the bytes of the normalised text come from, with a mark as three bytes.
  private func origins(_ text: [UInt8], _ normalizer: Normalizer) -> [Int32] {
    var output: [UInt8] = []
    var origins: [Int] = []
    normalizer.normalize(text.span, into: &output, origins: &origins)
    return origins.enumerated().flatMap { index, origin in
      let isMark = normalizer.marksSpaces && index < output.count && output[index] == 0x20
      return [Int32](repeating: Int32(origin), count: isMark ? 3 : 1)
    }
  }

  private func streamed(_ decoder: TokenDecoder, _ ids: [Int32]) throws -> [UInt8] {
    var stream = TokenDecoder.Stream()
    var text: [UInt8] = []
    for id in ids {
      var part: [UInt8] = []
      try decoder.append(id, to: &part, &stream)
      #expect(isValidUTF8(part))
      text += part
    }
    decoder.finish(&text, &stream)
    return text
  }
}

/// Texts that a tokenizer gets wrong easily.
enum HostileTexts {
  /// Text in many scripts: the goldens', and of the samples where they are.
  static func training() -> [UInt8] {
    var text = Array(TrainerGolden.all.map(\.text).joined(separator: "\n").utf8)
    for line in samples(each: 1500) { text += line + [0x0a] }
    return text
  }

  static func all() -> [[UInt8]] {
    var texts = [
      "", " ", "  ", "\n", "\t\n ", "a", " a", "a ", " a  b ", "\u{2581}", "\u{2581}a\u{2581}",
      " \u{2581} a", "a\u{2581}\u{2581} ", "\u{1}", "\u{1} \u{1}", "\u{3000}a\u{3000}", "\0",
      "a\0b",
      "knot the llama \u{2581}llama ere er the  the", "ﬁ ½ ａＢ ㍿ e\u{301} A\u{30a} \u{ac00}\u{11a8}",
      "ー〜～ ﾊﾞ ﾊ\u{ff9e}", "que quequ bcbc zz \u{fffd} \u{feff}x", "<s></s><unk><0x41>",
      "\u{200b}\u{200c}\u{200d} x", "ßẞİ ΣΑΣ", "the THE tHe", "a\u{300}\u{301}\u{302}",
      "\u{10ffff}\u{e000}\u{20000}\u{1f999}🏽", "123 4567 ١٢ １２", TrainerGolden.sample,
    ].map { Array($0.utf8) }
    texts += [
      [0xff], [0xe2, 0x96], [0xc0, 0x80, 0x20], [0x61, 0xed, 0xa0, 0x80], [0xf4, 0x90, 0x80, 0x80],
    ]
    for golden in TrainerGolden.all.prefix(6) {
      texts += golden.text.utf8.split(separator: 0x0a).map(Array.init)
      texts.append(Array(golden.text.utf8))
    }
    texts += samples(each: 1000)
    var chance = SeededGenerator(seed: 11)
    for _ in 0..<150 {
      texts.append((0..<Int.random(in: 0...200, using: &chance)).map { _ in chance.next() })
    }
    for _ in 0..<150 {
      var text = ""
      for _ in 0..<Int.random(in: 0...80, using: &chance) {
        let limit: UInt32 =
          [0x80, 0x80, 0x250, 0x600, 0x3100, 0xffff, 0x11_0000].randomElement(using: &chance) ?? 1
        if let scalar = Unicode.Scalar(UInt32.random(in: 0..<limit, using: &chance)) {
          text.unicodeScalars.append(scalar)
        }
        if Bool.random(using: &chance) {
          text += ["the ", " knot", "  ", "\u{301}"].randomElement(using: &chance) ?? ""
        }
      }
      texts.append(Array(text.utf8))
    }
    // Every scalar, a plane's worth of lines.
    var line = ""
    for number in UInt32(1)...0x10ffff where number < 0x3_1400 || number % 61 == 0 {
      guard let scalar = Unicode.Scalar(number) else { continue }
      line.unicodeScalars.append(scalar)
      if number % 64 == 0 {
        if line.utf8.count > 4000 {
          texts.append(Array(line.utf8))
          line = ""
        } else {
          line += " "
        }
      }
    }
    texts.append(Array(line.utf8))
    for unit in ["a", " ", "the ", "\u{2581}", "結び", "\u{301}"] {
      texts.append(Array(String(repeating: unit, count: 30_000 / unit.utf8.count).utf8))
    }
    return texts
  }

  static func noise() -> [[Int32]] {
    var chance = SeededGenerator(seed: 12)
    return (0..<300).map { round in
      (0..<Int.random(in: 0...40, using: &chance)).map { _ in
        // Few numbers, so that control and byte pieces come often; or any.
        Int32.random(in: 0...(round % 2 == 0 ? 300 : 100_000), using: &chance)
      }
    }
  }

  /// The beginnings of the samples for language identification, which are in 37 languages.
  private static func samples(each limit: Int) -> [[UInt8]] {
    guard let folder = try? Samples.path("langid/train"), let names = try? files(under: folder)
    else { return [] }
    return names.sorted().compactMap { name in
      (try? wholeFile("\(folder)/\(name)")).map { Array($0.prefix(limit)) }
    }
  }
}
