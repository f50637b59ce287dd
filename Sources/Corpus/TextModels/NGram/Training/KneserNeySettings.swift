internal import Ground

/// What a language model is estimated with; the names and initial values are those of `lmplz`.
///
/// - SeeAlso: kpu/kenlm `lm/builder/lmplz_main.cc`.
public struct KneserNeySettings: Equatable, Sendable {
  /// The longest n-grams, in words; 1 to 6.
  public var order = 5

  /// Discounts where the counts give none: for adjusted counts 1, 2, and 3 and more.
  ///
  /// One or two values stand for the rest as well. nil: such a text is an error.
  public var discountFallback: [Float]?
  /// The fallback of `lmplz` where none is named.
  public static let standardFallback: [Float] = [0.5, 1, 1.5]

  /// n-grams that come this often or less are left out, by order.
  ///
  /// The last value stands for all higher orders as well; none must be below the one before it. Empty:
  /// nothing is left out.
  public var prune: [UInt32] = []

  /// A file of the words that may stand in n-grams, parted by white space; nil for all.
  public var limitVocabFile: String?

  /// How many different words are expected: only room is made for them.
  public var vocabEstimate = 1_000_000

  /// `<unk>` stands for as many words as are missing to this number, when probability is shared out.
  public var vocabPad = 0

  /// Interpolates unigrams with the uniform distribution; else `<unk>` gets all that is discounted.
  public var interpolateUnigrams = true

  /// `<s>`, `</s>` and `<unk>` in the text count as white space; else they are an error.
  public var skipSymbols = false

  /// The most memory to use for sorting and the vocabulary, in bytes.
  public var memory = 2 << 30
  /// The least of `memory`, in bytes.
  public static let leastMemory = 4 << 20

  /// Where what does not fit into memory is kept, in files without names.
  public var temporaryFolder = "/tmp"

  /// Threads; the model does not depend on them.
  public var jobs = 1

  /// The most sorted runs that are merged at once.
  package var mostRuns = 512

  public init() {}

  func check() throws(Fault) {
    guard (1...6).contains(order) else {
      throw fault("the order is \(order); it must be 1 to 6")
    }
    guard prune.count <= order else {
      throw fault("\(prune.count) values for prune, but the order is \(order)")
    }
    for (lower, higher) in zip(prune, prune.dropFirst()) where lower > higher {
      throw fault(
        "prune has \(higher) after \(lower): the values must not decrease, or n-grams would lose parts"
      )
    }
    if let discountFallback {
      guard (1...3).contains(discountFallback.count) else {
        throw fault("\(discountFallback.count) fallback discounts; 1, 2 or 3 are needed")
      }
      for (index, discount) in discountFallback.enumerated()
      where !(discount >= 0 && discount <= Float(index + 1)) {
        throw fault(
          "the fallback discount \(discount) for count \(index + 1) is not within 0...\(index + 1)")
      }
    }
    guard vocabPad >= 0, vocabEstimate >= 0 else {
      throw fault("a vocabulary of less than no words")
    }
    guard vocabPad == 0 || interpolateUnigrams else {
      throw fault("vocabPad needs interpolated unigrams")
    }
    guard memory >= Self.leastMemory else {
      throw fault("\(memory) bytes of memory; at least \(Self.leastMemory) are needed")
    }
    guard jobs > 0 else { throw fault("\(jobs) jobs; at least 1 is needed") }
  }

  /// The threshold of each order.
  var thresholds: [UInt32] {
    (0..<order).map { $0 < prune.count ? prune[$0] : prune.last ?? 0 }
  }
}

/// A fault of the training itself, not of a file.
func fault(_ what: String) -> Fault { Fault("language model", at: 0, .unusable(what)) }
