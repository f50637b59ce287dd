import Ground
import TestSupport
import TextModels
import Testing
import Tokenizer

@Suite struct CCNetPerplexityTests {
  /// A unigram model of letters, and a bigram model of such pieces, both small enough to reckon by hand.
  private func models() throws -> (CCNetPieces, NGramModel) {
    let pieces: [TokenizerModel.Piece] =
      [.init("<unk>", kind: .unknown), .init("<s>", kind: .control), .init("</s>", kind: .control)]
      + [("▁a", -1), ("▁b", -1), ("a", -2), ("b", -2), (".", -2), ("▁", -3)].map {
        TokenizerModel.Piece($0.0, score: $0.1)
      }
    var trainer = TrainerSpec()
    trainer.modelType = .unigram
    let model = TokenizerModel(
      pieces: pieces, trainer: trainer, normalizer: NormalizerSpec(removingExtraWhitespaces: true))
    let folder = try TemporaryFolder()
    let arpa = try folder.write(
      """
      \\data\\
      ngram 1=7
      ngram 2=4

      \\1-grams:
      -3\t<unk>\t0
      0\t<s>\t-0.25
      -1\t</s>\t0
      -1.5\t▁a\t-0.5
      -2\t▁b\t-0.125
      -2.5\t.\t0
      -4\t漢\t0

      \\2-grams:
      -0.5\t<s> ▁a
      -0.75\t▁a ▁b
      -0.25\t. </s>
      -1.75\t▁b 漢

      \\end\\

      """, to: "model.arpa")
    return (try CCNetPieces(model), try NGramModel(path: arpa))
  }

  private func perplexity() throws -> CCNetPerplexity {
    let (pieces, model) = try models()
    return CCNetPerplexity(of: pieces, by: model)
  }

  private func score(_ text: String, byParagraph: Bool = false) throws -> CCNetPerplexity.Score? {
    var scratch = CCNetPerplexity.Scratch()
    let bytes = Array(text.utf8)
    return try perplexity().score(bytes.span, byParagraph: byParagraph, scratch: &scratch)
  }

  @Test func wholeTextIsOneSentenceOfPieces() throws {
    // <s> ▁a ▁b . </s>: line feeds and accents are gone before pieces are cut.
    let score = try #require(try score("Á\n B.\n"))
    #expect(score.log10 == -0.5 - 0.75 + (-0.125 - 2.5) - 0.25)
    #expect(score.tokens == 4 && score.unknown == 0)
    #expect(score.perplexity == 10.7)  // 10^(4.125 / 4) is 10.746
  }

  @Test func paragraphsAreSentencesOfTheirOwn() throws {
    let score = try #require(try score("a\n\n \nb\n", byParagraph: true))
    let first = -0.5 + (-0.5 - 1.0)
    let second = (-0.25 - 2.0) + (-0.125 - 1.0)
    #expect(score.log10 == first + second && score.tokens == 4)
  }

  @Test func textOfUnknownPiecesIsLookedUpInTheLanguageModel() throws {
    let known = try #require(try score("b漢"))  // ▁b 漢, which the tokenizer does not know
    #expect(known.log10 == (-0.25 - 2.0) - 1.75 - 1.0 && known.tokens == 3 && known.unknown == 0)
    let unknown = try #require(try score("b字"))
    #expect(unknown.log10 == (-0.25 - 2.0) + (-0.125 - 3.0) - 1.0 && unknown.unknown == 1)
  }

  @Test func sentencesForTrainingAreThePieces() throws {
    let (pieces, _) = try models()
    var scratch = CCNetPieces.Scratch()
    var sentence = Array("|".utf8)
    pieces.append(Array("Á\n B字.".utf8).span, to: &sentence, scratch: &scratch)
    #expect(String(decoding: sentence, as: UTF8.self) == "|▁a ▁b 字 .")
  }

  @Test func nothingIsLeftOfSpacesAndControls() throws {
    for text in ["", " \n\u{1}", "\u{301}"] {
      #expect(try score(text) == nil)
      #expect(try score(text, byParagraph: true) == nil)
    }
  }

  /// Real lines of many languages, a model of which both packages train, through CCNet's own steps.
  @Test(
    .enabled(if: Python.has("sentencepiece, kenlm"), "no Python with sentencepiece and kenlm"),
    .enabled(if: Samples.areHere, Comment(rawValue: Samples.absence)))
  func equalsCCNet() throws {
    let folder = try TemporaryFolder()
    let answer = try Python.run(Self.oracle, [try #require(Samples.folder), folder.path])
    let model = try TokenizerModel(path: "\(folder.path)/sp.model")
    let perplexity = CCNetPerplexity(
      of: try CCNetPieces(model), by: try NGramModel(path: "\(folder.path)/lm.arpa"))
    var scratch = CCNetPerplexity.Scratch()
    var count = 0
    for line in answer.split(separator: 0x0a) {
      let fields = line.split(separator: 0x20).map { String(decoding: $0, as: UTF8.self) }
      let text = unhex(Array(fields[0].utf8)[...])
      let score = try #require(perplexity.score(text.span, scratch: &scratch))
      #expect("\(score.perplexity)" == fields[1], "\(fields)")
      #expect("\(score.tokens)" == fields[2])
      count += 1
    }
    #expect(count > 500)
  }

  /// Trains the pieces, counts bigrams of them for a crude model, and scores documents.
  private static let oracle = """
    import collections, glob, math, re, sys, unicodedata
    import kenlm, sentencepiece
    samples, folder = sys.argv[1:]
    \(ccnetNormalize)
    texts = []
    for path in sorted(glob.glob(samples + '/langid/*/*/lingua-sentences.txt')):
        texts.append(open(path, encoding='utf-8', errors='replace').read().split('\\n'))
    with open(folder + '/train', 'w') as file:
        for lines in texts:
            for line in lines[:25]:
                file.write(normalize(line) + '\\n')
    sentencepiece.SentencePieceTrainer.train(
        input=folder + '/train', model_prefix=folder + '/sp', model_type='unigram', vocab_size=2500,
        character_coverage=0.98, num_threads=1, minloglevel=2)
    pieces = sentencepiece.SentencePieceProcessor(model_file=folder + '/sp.model')
    ones, twos = collections.Counter(), collections.Counter()
    for line in open(folder + '/train'):
        row = ['<s>'] + pieces.encode_as_pieces(line.rstrip('\\n')) + ['</s>']
        ones.update(row)
        twos.update(zip(row, row[1:]))
    words = ['<unk>', '<s>', '</s>'] + sorted(set(ones) - {'<unk>', '<s>', '</s>'})
    pairs = sorted(pair for pair in twos if '<unk>' not in pair)
    total = sum(ones.values())
    with open(folder + '/lm.arpa', 'w') as file:
        file.write('\\\\data\\\\\\nngram 1=%d\\nngram 2=%d\\n\\n\\\\1-grams:\\n' % (len(words), len(pairs)))
        for word in words:
            file.write('%.6f\\t%s\\t%.6f\\n' % (math.log10((ones[word] + 1) / (total + 9)), word, -0.3))
        file.write('\\n\\\\2-grams:\\n')
        for a, b in pairs:
            file.write('%.6f\\t%s %s\\n' % (math.log10(twos[a, b] / ones[a] * 0.7), a, b))
        file.write('\\n\\\\end\\\\\\n')
    model = kenlm.Model(folder + '/lm.arpa')
    for lines in texts:
        for start in range(0, len(lines), 12):
            text = '\\n'.join(lines[start:start + 12])
            tokenized = ' '.join(pieces.encode_as_pieces(normalize(text)))
            if tokenized:
                length = len(tokenized.split()) + 1
                perplexity = round(10.0 ** (-model.score(tokenized) / length), 1)
                print(text.encode().hex(), perplexity, length)
    """
}
