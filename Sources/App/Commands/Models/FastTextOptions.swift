import ArgumentParser
import Ground
import Synchronization
import TextModels

extension NameSpecification {
  /// A name of the fastText program, which has it with one dash and a hump: `-wordNgrams`; and in our
  /// spelling: `--word-ngrams`.
  static func program(_ name: String) -> NameSpecification {
    let dashed = name.reduce(into: "") { text, letter in
      text += letter.isUppercase ? "-" + letter.lowercased() : String(letter)
    }
    let both: [NameSpecification.Element] = [
      .customLong(dashed), .customLong(name, withSingleDash: true),
    ]
    return NameSpecification(both)
  }
}

/// The program's names of the losses.
enum LossName: String, CaseIterable, ExpressibleByArgument {
  case hs, ns, softmax, ova

  var loss: FastTextSettings.Loss {
    switch self {
    case .hs: .hierarchicalSoftmax
    case .ns: .negativeSampling
    case .softmax: .softmax
    case .ova: .oneVersusAll
    }
  }
}

/// What fastText's `supervised` can be told, under its names.
struct FastTextOptions: ParsableArguments {
  @Option(name: .program("lr"), help: "Learning rate at the beginning.")
  var lr: Double?

  @Option(name: .program("dim"), help: "Numbers in the vector of a word.")
  var dim: Int32?

  @Option(name: .program("epoch"), help: "How often the text is gone over.")
  var epoch: Int32?

  @Option(name: .program("minCount"), help: "Words that come less often are left out.")
  var minCount: Int32?

  @Option(name: .program("minCountLabel"), help: "Labels that come less often are left out.")
  var minCountLabel: Int?

  @Option(name: .program("wordNgrams"), help: "The most words of a word n-gram.")
  var wordNgrams: Int32?

  @Option(name: .program("minn"), help: "The fewest characters of a character n-gram.")
  var minn: Int32?

  @Option(name: .program("maxn"), help: "The most; 0 for no character n-grams.")
  var maxn: Int32?

  @Option(name: .program("bucket"), help: "Rows that hashed n-grams share.")
  var bucket: Int32?

  @Option(name: .program("loss"), help: "How labels get probabilities.")
  var loss: LossName?

  @Option(
    name: .program("neg"), help: "Wrong labels that a right one is set against, with loss ns.")
  var neg: Int32?

  @Option(name: .program("lrUpdateRate"), help: "Tokens between two changes of the learning rate.")
  var lrUpdateRate: Int32?

  @Option(name: .program("ws"), help: "Kept in the model; of no use to a classifier.")
  var ws: Int32?

  @Option(name: .program("t"), help: "Kept in the model; of no use to a classifier.")
  var t: Double?

  @Option(name: .program("label"), help: "What a label begins with in the text.")
  var label: String?

  @Option(
    name: .program("seed"),
    help: "Another seed begins with other vectors, and takes lines in another order.")
  var seed: Int?

  @Flag(
    inversion: .prefixedNo,
    help: """
      Go through the lines in an order of chance, which --seed makes. The program takes them as they \
      stand, which learns badly where they are sorted.
      """)
  var shuffle = true

  @Option(name: .program("pretrainedVectors"), help: "A file of word vectors (.vec) to begin with.")
  var pretrainedVectors: String?

  /// `trainer`, with what the user said.
  func applied(to trainer: FastTextTrainer) -> FastTextTrainer {
    var trainer = trainer
    trainer.lr = lr ?? trainer.lr
    trainer.minCountLabel = minCountLabel ?? trainer.minCountLabel
    trainer.labelPrefix = label ?? trainer.labelPrefix
    trainer.seed = seed ?? trainer.seed
    trainer.shuffles = shuffle
    trainer.pretrainedVectors = pretrainedVectors ?? trainer.pretrainedVectors
    trainer.settings.dim = dim ?? trainer.settings.dim
    trainer.settings.epoch = epoch ?? trainer.settings.epoch
    trainer.settings.minCount = minCount ?? trainer.settings.minCount
    trainer.settings.wordNgrams = wordNgrams ?? trainer.settings.wordNgrams
    trainer.settings.minn = minn ?? trainer.settings.minn
    trainer.settings.maxn = maxn ?? trainer.settings.maxn
    trainer.settings.bucket = bucket ?? trainer.settings.bucket
    trainer.settings.loss = loss?.loss ?? trainer.settings.loss
    trainer.settings.neg = neg ?? trainer.settings.neg
    trainer.settings.ws = ws ?? trainer.settings.ws
    trainer.settings.t = t ?? trainer.settings.t
    trainer.settings.lrUpdateRate = lrUpdateRate ?? trainer.settings.lrUpdateRate
    return trainer
  }
}

/// A line of progress that one thread writes and another prints.
final class ProgressLine: Sendable {
  private let text = Mutex("")
  var line: String { text.withLock { $0 } }
  func show(_ line: String) { text.withLock { $0 = line } }
}

extension FastTextProgress {
  /// As people read it.
  var line: String {
    "\(fixed(100 * fraction, 1)) %, \(grouped(Int(tokensPerSecond))) words/s, lr \(fixed(rate, 4)), "
      + "loss \(fixed(loss, 4)), \(fixed(secondsLeft, 0)) s left"
  }
}
