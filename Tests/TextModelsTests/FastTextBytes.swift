import Foundation
import Ground
import TestSupport
import TextModels

/// A model file put together byte by byte, so that it can say what no program would write.
struct FastTextBytes: Sendable {
  var magic: Int32 = 793_712_314
  var version: Int32 = 12
  var dim: Int32 = 3
  var wordNgrams: Int32 = 2
  var loss: Int32 = 3
  var kind: Int32 = 3
  var bucket: Int32 = 5
  var minn: Int32 = 2
  var maxn: Int32 = 3
  /// Words, then labels, with how often they were seen.
  var words: [(String, Int64)] = [("</s>", 9), ("one", 5), ("two", 4)]
  var labels: [(String, Int64)] = [("__label__a", 6), ("__label__b", 2), ("__label__c", 1)]
  /// Pairs of an n-gram's number and its row; nil where the model is not pruned.
  var kept: [(Int32, Int32)]?
  /// Columns of a code; nil where the matrices are of floats.
  var codeWidth: Int32?
  var hasNorms = false
  /// What the header says of the vocabulary, where it is to lie.
  var statedSize: Int32?
  var statedWords: Int32?
  var statedLabels: Int32?
  /// What the header of the input matrix says, where it is to lie.
  var statedRows: Int64?
  var statedColumns: Int64?
  /// The number of the input matrix at a place, or of the output matrix.
  var input: @Sendable (Int) -> Float = { Float($0 % 7) - 3 }
  var output: @Sendable (Int) -> Float = { Float($0 % 5) / 2 - 1 }

  var bytes: [UInt8] {
    var bytes = Bytes()
    for number in [
      magic, version, dim, 5, 5, 1, 5, wordNgrams, loss, kind, bucket, minn, maxn, 100,
    ] {
      bytes.add(number)
    }
    bytes.add(1e-4)
    bytes.add(statedSize ?? Int32(words.count + labels.count))
    bytes.add(statedWords ?? Int32(words.count))
    bytes.add(statedLabels ?? Int32(labels.count))
    bytes.add(Int64(1000))
    bytes.add(kept.map { Int64($0.count) } ?? -1)
    for (kind, entries) in [words, labels].enumerated() {
      for (word, count) in entries {
        bytes.all += Array(word.utf8) + [0]
        bytes.add(count)
        bytes.add(UInt8(kind))
      }
    }
    for (number, row) in kept ?? [] {
      bytes.add(number)
      bytes.add(row)
    }
    bytes.add(UInt8(codeWidth == nil ? 0 : 1))
    let grams = kept.map { $0.count } ?? Int(bucket)
    matrix(rows: words.count + grams, &bytes, input, isInput: true)
    bytes.add(UInt8(codeWidth == nil ? 0 : 1))
    matrix(rows: kind == 3 ? labels.count : words.count, &bytes, output, isInput: false)
    return bytes.all
  }

  private func matrix(
    rows: Int, _ bytes: inout Bytes, _ number: (Int) -> Float, isInput: Bool
  ) {
    let statedRows = isInput ? self.statedRows ?? Int64(rows) : Int64(rows)
    let statedColumns = isInput ? self.statedColumns ?? Int64(dim) : Int64(dim)
    guard let width = codeWidth else {
      bytes.add(statedRows)
      bytes.add(statedColumns)
      for place in 0..<rows * Int(dim) { bytes.add(number(place)) }
      return
    }
    bytes.add(UInt8(hasNorms ? 1 : 0))
    bytes.add(statedRows)
    bytes.add(statedColumns)
    let parts = (dim + width - 1) / width
    bytes.add(Int32(rows) * parts)
    for place in 0..<rows * Int(parts) { bytes.add(UInt8(place * 37 % 256)) }
    for header in [dim, parts, width, dim % width == 0 ? width : dim % width] { bytes.add(header) }
    for place in 0..<256 * Int(dim) { bytes.add(number(place)) }
    guard hasNorms else { return }
    for row in 0..<rows { bytes.add(UInt8(row * 11 % 256)) }
    for header in [1, 1, 1, 1] as [Int32] { bytes.add(header) }
    for place in 0..<256 { bytes.add(Float(place) / 64) }
  }

  private struct Bytes {
    var all: [UInt8] = []

    mutating func add<Number>(_ number: Number) {
      unsafe withUnsafeBytes(of: number) { unsafe all += Array($0) }
    }
  }
}

/// Writes without waiting for the disk, as thousands of files are written.
func writeQuickly(_ bytes: [UInt8], to path: String) throws {
  try Data(bytes).write(to: URL(fileURLWithPath: path))
}

extension FastTextModel {
  /// The labels of a text that is written out; within `#expect`, a span would outlive its bytes.
  func answer(
    _ text: String, top k: Int = 1, threshold: Float = 0, _ scratch: inout FastTextScratch
  ) throws(Fault) -> [FastTextPrediction] {
    let bytes = Array(text.utf8)
    return try predict(bytes.span, top: k, threshold: threshold, scratch: &scratch)
  }
}
