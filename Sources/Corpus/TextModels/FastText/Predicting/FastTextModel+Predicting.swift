import Glibc
public import Ground

extension FastTextModel {
  /// The most likely labels of a text, the best first, as the program `fasttext predict-prob` has them.
  ///
  /// A text is one line, as though a line feed followed it: its tokens up to one that spells `</s>`,
  /// then the end of the line, which counts as a token. It need not be UTF-8. Tokens that look like
  /// labels count for nothing. The result is empty where the model has no row for any token, so for
  /// an empty text too where no line end was seen in training.
  ///
  /// Labels and their order are the program's, that of equal ones included, and so are probabilities
  /// to the last digit or two: sums are made in its order.
  ///
  /// - Parameters:
  ///   - text: read where it lies, and copied only where ``FastTextLineFeeds/vanish`` has something
  ///     to take out.
  ///   - k: the most labels; at least 1.
  ///   - threshold: labels less likely are left out. With a hierarchical softmax those below 1e-5
  ///     are left out in any case.
  ///   - lineFeeds: what a line feed inside the text means.
  ///   - scratch: the calling thread's own.
  /// - Returns: up to `k` labels with their probabilities.
  /// - Throws: a `Fault` where the model is no classifier, or has numbers that are not finite.
  /// - Complexity: O(n · `maxn` + rows · `dim` + labels · `dim`), where a token is one row, besides its
  ///   n-grams.
  public func predict(
    _ text: Span<UInt8>, top k: Int = 1, threshold: Float = 0,
    lineFeeds: FastTextLineFeeds = .separate, scratch: inout FastTextScratch
  ) throws(Fault) -> [FastTextPrediction] {
    precondition(k > 0, "the \(k) most likely labels")
    guard settings.kind == .supervised else {
      throw Fault(path, at: 0, .unusable("has word vectors, and no labels for texts"))
    }
    scratch.prepare(for: self)
    let rows = unsafe text.withUnsafeBufferPointer { text in
      unsafe sum(text, lineFeeds, &scratch)
    }
    guard rows > 0 else { return [] }
    let mean = Float(1 / Double(rows))
    for column in 0..<input.columns {
      scratch.hidden[column] *= mean
      guard scratch.hidden[column].isFinite else { throw notFinite }
    }
    scratch.heap.start(limit: min(k, labelCount))
    let isFinite = unsafe file.withBytes { bytes in unsafe score(threshold, bytes, &scratch) }
    guard isFinite else { throw notFinite }
    scratch.heap.sort()
    return scratch.heap.elements.map {
      FastTextPrediction(label: Int($0.label), probability: expf($0.score))
    }
  }

  private var notFinite: Fault {
    Fault(path, at: UInt64(input.start), .malformed("weights that are not finite numbers"))
  }

  /// Adds up the rows of a text in `scratch.hidden`, and says how many there were.
  private func sum(
    _ text: UnsafeBufferPointer<UInt8>, _ lineFeeds: FastTextLineFeeds,
    _ scratch: inout FastTextScratch
  ) -> Int {
    scratch.hidden.fill(0, 0..<input.columns)
    let feed = UInt8(ascii: "\n")
    var line = unsafe text
    switch lineFeeds {
    case .separate: break
    case .end:
      if let end = unsafe text.firstIndex(of: feed) {
        unsafe line = UnsafeBufferPointer(rebasing: text[..<end])
      }
    case .vanish:
      guard unsafe text.contains(feed) else { break }
      scratch.text.removeAll(keepingCapacity: true)
      unsafe text.split(separator: feed).forEach { unsafe scratch.text.append(contentsOf: $0) }
      let text = scratch.text
      return unsafe text.withUnsafeBufferPointer { unsafe sum($0, .separate, &scratch) }
    }
    return unsafe file.withBytes { bytes in
      var rows = unsafe FastTextRows(self, bytes)
      unsafe rows.add(line, &scratch)
      return unsafe rows.count
    }
  }
}
