import Documents
import Ground
import Ledger
import Manifest
import Synchronization
import Tokenizer

/// A sample of the mix → `tokenizer.model`; or a ready model, checked and taken over.
struct TokenizerUnit: UnitOfWork {
  let stage = "tokenizer"
  let key: String
  let recipe: TokenizerRecipe
  /// What the sample is drawn from: every unit, with the share of its documents that is taken.
  let pools: [Pool]
  /// The ready model's file; nil where one is trained.
  let model: String?
  let seed: UInt64
  let jobs: Int

  var source: String { "" }
  var input: String { model ?? "" }

  struct Pool: Sendable {
    var documents: KeptDocuments
    var share: Double
  }

  init(
    _ recipe: TokenizerRecipe, pools: [Pool], model: String?, seed: UInt64, jobs: Int
  ) throws(Fault) {
    self.recipe = recipe
    self.pools = pools
    self.model = model
    self.seed = seed
    self.jobs = jobs
    var key = Key(stage: stage, version: 1)
    key.add(recipe.canonical)
    if let model {
      key.add(try xxh3Wide(file: model).description)
    } else {
      key.add("\(seed)")
      for pool in pools {
        key.add(pool.documents.unit)
        key.add(pool.documents.duplicates.key)
        key.add("\(pool.share)")
      }
    }
    self.key = key.text
  }

  func run(in work: WorkFolder) throws -> Commit {
    var commit = begunCommit
    let path = try work.prepared(WorkFolder.tokenizer(key))
    switch recipe {
    case .model:
      let model = try TokenizerModel(path: model ?? "")
      _ = try TokenEncoder(model, file: path)
      try model.write(to: path)
    case .train(let training):
      let trainer = try BPETrainer(training.settings)
      let sample = try self.sample(for: trainer, in: work)
      var model = try trainer.train(sample.words)
      if training.whitespaceLast { model.mergeSpacesLast() }
      try model.write(to: path)
      commit.counts = [
        .init("documents", sample.documents), .init("bytes", sample.bytes),
        .init("sentences", sample.words.sentences),
        .init("sentences", reason: "too_long", sample.words.tooLong),
      ]
    }
    try commit.add(artifact: WorkFolder.tokenizer(key), in: work)
    return commit
  }

  private struct Sample: Sendable {
    var words: WordCounts
    var documents = 0
    var bytes = 0
  }

  /// The words of the documents that the sample takes, counted by unit on `jobs` threads.
  private func sample(for trainer: BPETrainer, in work: WorkFolder) throws -> Sample {
    var sample = Sample(words: trainer.counts())
    let next = Atomic<Int>(0)
    try orderedMap(
      jobs: jobs,
      next: {
        let index = next.add(1, ordering: .relaxed).oldValue
        return index < pools.count ? pools[index] : nil
      },
      transform: { pool in
        var part = Sample(words: trainer.counts())
        try pool.documents.forEach(in: work) { document in
          guard isTaken(document.id, share: pool.share) else { return }
          part.words.add(document.text)
          part.documents += 1
          part.bytes += document.text.count
        }
        return part
      },
      accept: { part in
        sample.words.merge(part.words)
        sample.documents += part.documents
        sample.bytes += part.bytes
      })
    return sample
  }

  /// Decides by the document's id alone, for a share between 0 and 1.
  private func isTaken(_ id: Hash128, share: Double) -> Bool {
    let number = xxh3(Array("tokenizer \(id)".utf8), seed: seed)
    return Double(number >> 11) * 0x1p-53 < share
  }
}

extension TokenizerTraining {
  /// The same wishes in SentencePiece's words.
  var settings: TrainerSettings {
    var settings = TrainerSettings.llama
    settings.vocabSize = vocabularySize
    settings.characterCoverage = Float(characterCoverage)
    settings.maxSentenceLength = maxSentenceLength
    settings.maxPieceLength = maxPieceLength
    settings.splitDigits = splitDigits
    settings.byteFallback = byteFallback
    settings.allowWhitespaceOnlyPieces = whitespaceOnlyPieces
    settings.addDummyPrefix = dummyPrefix
    return settings
  }
}

extension TokenizerModel {
  /// Gives pieces of blanks alone the score that LLaMA's published file gives them: it was edited
  /// after training, so that runs of blanks merge after everything else.
  fileprivate mutating func mergeSpacesLast() {
    let mark = Array("\u{2581}".utf8)
    for index in pieces.indices where pieces[index].kind == .normal {
      let bytes = pieces[index].bytes
      let isBlank = stride(from: 0, to: bytes.count, by: mark.count).allSatisfy {
        bytes[$0...].starts(with: mark)
      }
      if isBlank && !bytes.isEmpty { pieces[index].score = -1e9 }
    }
  }
}
