public import Ground

extension TrainedFastText {
  /// Copies a model from its file into memory, to be quantised.
  ///
  /// - Throws: `Fault` where it is quantised already, or has numbers that are not finite.
  public convenience init(_ model: FastTextModel) throws(Fault) {
    guard model.input.quantiser == nil, model.output.quantiser == nil else {
      throw Fault(model.path, at: 0, .unusable("is quantised already"))
    }
    let vocabulary = model.vocabulary
    let entries = unsafe try model.file.withBytes { (file) throws(Fault) in
      var entries = FastTextEntries()
      var reader = unsafe FastTextReader(file, path: model.path)
      unsafe _ = try reader.skip(vocabulary.start)
      for entry in 0..<vocabulary.words + vocabulary.labels {
        let bytes = unsafe UnsafeRawBufferPointer(rebasing: file[try reader.string()])
        let count = Int(unsafe try reader.number(Int64.self))
        unsafe _ = try reader.number(UInt8.self)
        if entry < vocabulary.words {
          unsafe entries.appendWord(bytes, count: count)
        } else {
          unsafe entries.appendLabel(bytes, count: count)
        }
      }
      return entries
    }
    let input = try Self.copy(model.input, of: model)
    let output = try Self.copy(model.output, of: model)
    self.init(
      settings: model.settings, entries: entries, tokens: Int(vocabulary.tokens),
      textCounts: FastTextTextCounts(), input: input, output: output)
  }

  private static func copy(_ matrix: FastTextMatrix, of model: FastTextModel) throws(Fault)
    -> RowMatrix
  {
    let copy = try RowMatrix(rows: matrix.rows, dim: matrix.columns)
    let bad = unsafe model.file.withBytes { file -> Int? in
      for row in 0..<matrix.rows {
        for column in 0..<matrix.columns {
          let place = matrix.floats + 4 * (row * matrix.columns + column)
          let number = unsafe file.loadUnaligned(fromByteOffset: place, as: Float.self)
          guard number.isFinite else { return place }
          unsafe copy.row(row)[column] = number
        }
      }
      return nil
    }
    guard let bad else { return copy }
    throw Fault(model.path, at: UInt64(bad), .malformed("a weight that is no finite number"))
  }
}
