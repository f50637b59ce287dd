import CTextModels
public import Ground
import Synchronization

/// A fastText model in its file, `.bin` or quantised `.ftz`: a classifier of texts, or word vectors.
///
/// The file is mapped, never copied: kept beside it are twelve bytes a word to find it by, six for each
/// n-gram of a pruned model, and the output matrix in another order where it is small. A model does
/// not change and is for all threads; each brings its own ``FastTextScratch``.
///
/// ```swift
/// let model = try FastTextModel(path: "lid.176.ftz")
/// var scratch = FastTextScratch()
/// let text = Array("Il fait beau".utf8)
/// let best = try model.predict(text.span, scratch: &scratch).first
/// if let best { print(model.label(best.label), best.probability) }  // __label__fr 0.98
/// ```
///
/// The file must not be written to while it is in use.
///
/// - SeeAlso: `facebookresearch/fastText` `src/fasttext.cc`, `saveModel`, for the format.
public final class FastTextModel: Sendable {
  public let path: String
  /// What the model was trained with, as far as its file says.
  ///
  /// `maxn` is 0 for a classifier of version 11, which knows no character n-grams whatever its file
  /// says.
  public let settings: FastTextSettings
  /// The file's version: 11 or 12.
  public let version: Int

  let file: MappedFile
  let vocabulary: FastTextVocabulary
  let pruning: FastTextPruning?
  let input: FastTextMatrix
  let output: FastTextMatrix
  let grams: FastTextGrams
  /// The tree of a hierarchical softmax; nil with other losses.
  let tree: FastTextTree?
  /// The rows of the output matrix side by side, where that costs little.
  let panels: FastTextPanels?
  /// The row of the token that ends every line; -1 where no text had one.
  let endOfLineRow: Int
  /// Tells scratches which model they last served.
  let identity: Int

  private static let models = Atomic(0)

  /// Maps a model file and checks it.
  ///
  /// All but the input matrix is looked at: sizes against the file's length before anything is
  /// allocated, the rows that n-grams point to, and the numbers of the output matrix and of
  /// centroids, which must be finite. The numbers of an input matrix are looked at when a text uses
  /// them, as reading all would cost more than most runs.
  ///
  /// - Throws: a `Fault` with the byte where the file is not what it should be.
  /// - Complexity: O(vocabulary + output matrix).
  public init(path: String) throws(Fault) {
    self.path = path
    file = try MappedFile(path: path)
    let contents = unsafe try file.withBytes { (bytes) throws(Fault) in
      unsafe try FastTextContents(bytes, path: path)
    }
    version = Int(contents.version)
    settings = contents.settings
    vocabulary = contents.vocabulary
    pruning = contents.pruning
    input = contents.input
    output = contents.output
    grams = FastTextGrams(contents.settings)
    tree = unsafe file.withBytes { bytes in unsafe contents.tree(bytes) }
    let fileBytes = file.count
    panels = unsafe file.withBytes { bytes in
      unsafe FastTextPanels(of: contents, in: bytes, fileBytes: fileBytes)
    }
    let vocabulary = contents.vocabulary
    let entry = unsafe file.withBytes { bytes in
      unsafe FastTextTokens.endOfLine.withUnsafeBufferPointer {
        unsafe vocabulary.entry(of: $0, FastTextTokens.endOfLineHash, in: bytes)
      }
    }
    endOfLineRow = entry < contents.vocabulary.words ? entry : -1
    identity = Self.models.add(1, ordering: .relaxed).newValue
  }

  /// How many labels there are; predictions name them by their number.
  public var labelCount: Int { vocabulary.labels }

  /// How many words the vocabulary has.
  public var wordCount: Int { vocabulary.words }

  /// The label of that number, with the prefix it was trained with, for example `__label__en`.
  ///
  /// Bytes that are no UTF-8 become U+FFFD.
  ///
  /// - Precondition: `number` is from 0 to `labelCount` - 1.
  public func label(_ number: Int) -> String {
    precondition(number >= 0 && number < labelCount, "label \(number) of \(labelCount)")
    return unsafe file.withBytes { bytes in
      unsafe String(
        decoding: vocabulary.bytes(ofLabel: number, in: bytes), as: UTF8.self)
    }
  }

  /// All labels by their numbers, which go from the most frequent in training to the rarest.
  public var labels: [String] { (0..<labelCount).map(label) }

  /// How often a label was seen in training.
  ///
  /// - Precondition: `number` is from 0 to `labelCount` - 1.
  public func occurrences(ofLabel number: Int) -> Int64 {
    precondition(number >= 0 && number < labelCount, "label \(number) of \(labelCount)")
    return unsafe file.withBytes { bytes in
      unsafe vocabulary.occurrences(ofLabel: number, in: bytes)
    }
  }
}

extension FastTextContents {
  /// The tree of a classifier with a hierarchical softmax.
  func tree(_ bytes: UnsafeRawBufferPointer) -> FastTextTree? {
    guard settings.kind == .supervised, settings.loss == .hierarchicalSoftmax else { return nil }
    let counts = (0..<vocabulary.labels).map { label in
      unsafe vocabulary.occurrences(ofLabel: label, in: bytes)
    }
    return FastTextTree(counts: counts)
  }
}
