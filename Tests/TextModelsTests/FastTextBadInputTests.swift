import Ground
import TestSupport
import Testing
import TextModels

/// Files that say what is not so: each ends in a fault with its byte, and none in a crash.
@Suite struct FastTextBadInputTests {
  private static let kinds: [(String, FastTextBytes)] = {
    let plain = FastTextBytes()
    var tree = plain
    tree.loss = 1
    var pruned = plain
    (pruned.codeWidth, pruned.kept) = (2, [(1, 0), (4, 1)])
    var normed = plain
    (normed.codeWidth, normed.kept, normed.hasNorms, normed.loss) = (1, [], true, 4)
    var vectors = plain
    vectors.kind = 2
    return [
      ("plain", plain), ("tree", tree), ("pruned", pruned), ("normed", normed),
      ("vectors", vectors),
    ]
  }()

  private static let texts = ["", "one two three", "two", "__label__a x", "\u{80}éé one"]

  @Test(arguments: kinds.indices) func filesCutAnywhereAreFaults(kind: Int) throws {
    let folder = try TemporaryFolder()
    let path = "\(folder.path)/model"
    let (name, model) = Self.kinds[kind]
    let bytes = model.bytes
    try writeQuickly(bytes, to: path)
    _ = try FastTextModel(path: path)
    for count in bytes.indices where count < 400 || count % 127 == 0 || count > bytes.count - 100 {
      try writeQuickly(Array(bytes[..<count]), to: path)
      do {
        _ = try FastTextModel(path: path)
        Issue.record("\(name) of \(count) bytes was read")
      } catch let fault {
        #expect(fault.file == path && fault.offset <= UInt64(count) && fault.isDamage)
      }
    }
    try writeQuickly(bytes + [0], to: path)
    #expect(throws: Fault.self) { try FastTextModel(path: path) }
  }

  /// Changed bytes make another model, or a fault, or numbers that are none.
  @Test(arguments: kinds.indices) func changedBytesNeverCrash(kind: Int) throws {
    let folder = try TemporaryFolder()
    let path = "\(folder.path)/model"
    let bytes = Self.kinds[kind].1.bytes
    var chance = SeededGenerator(seed: UInt64(kind))
    var faults = 0
    let rounds = 500
    for round in 0..<rounds {
      var changed = bytes
      for _ in 0..<Int.random(in: 1...3, using: &chance) {
        // Mostly where the numbers are that all others hang on.
        let limit = round % 4 == 0 ? bytes.count : min(bytes.count, 260)
        let place = Int.random(in: 0..<limit, using: &chance)
        let value: UInt8 =
          [0, 1, 0x7f, 0x80, 0xff, .random(in: 0...255, using: &chance)]
          .randomElement(using: &chance) ?? 0
        changed[place] = value
      }
      try writeQuickly(changed, to: path)
      do {
        let model = try FastTextModel(path: path)
        var scratch = FastTextScratch()
        for text in Self.texts {
          let found = try model.predict(Array(text.utf8).span, top: 9, scratch: &scratch)
          #expect(found.allSatisfy { $0.probability >= 0 && $0.probability < 1.01 })
        }
      } catch {
        faults += 1
      }
    }
    #expect(faults > rounds / 4, "\(faults) faults")
  }

  @Test func liesAreFoundOut() throws {
    func fault(_ change: (inout FastTextBytes) -> Void) throws -> String {
      var model = FastTextBytes()
      change(&model)
      let folder = try TemporaryFolder()
      let path = try folder.write(model.bytes, to: "model")
      do {
        let model = try FastTextModel(path: path)
        var scratch = FastTextScratch()
        _ = try model.answer("one two", &scratch)
        return "none"
      } catch { return "\(error)".replacing(folder.path + "/", with: "") }
    }
    #expect(try fault { $0.magic = 7 } == "model: byte 0: not a fastText model")
    #expect(
      try fault { $0.version = 13 }
        == "model: byte 4: version 13 of fastText's models; 11 and 12 are known")
    #expect(try fault { $0.dim = 0 } == "model: byte 8: dim is 0")
    #expect(try fault { $0.loss = 5 } == "model: byte 32: loss is 5")
    #expect(try fault { $0.kind = 0 } == "model: byte 36: model is 0")
    #expect(try fault { $0.maxn = .max } == "model: byte 48: maxn is 2147483647")
    #expect(try fault { $0.bucket = 0 } == "model: byte 40: n-grams without a bucket")
    #expect(
      try fault { $0.statedSize = 7 }
        == "model: byte 64: a vocabulary of 7, of which 3 are words and 3 labels")
    #expect(
      try fault {
        ($0.statedSize, $0.statedWords, $0.statedLabels) = (.max, .max, 0)
      }.hasPrefix("model: byte 92: expected 21474836470 bytes"))
    #expect(
      try fault { ($0.statedWords, $0.statedLabels) = (4, 2) }.hasSuffix(
        "entry 3 of the vocabulary is of kind 1, and 4 words come first"))
    #expect(try fault { $0.statedRows = .max }.contains("a matrix of 9223372036854775807 by 3"))
    #expect(try fault { $0.statedRows = 1 << 40 }.contains("expected 13194139533312 bytes"))
    #expect(try fault { $0.statedColumns = 4 }.contains("by 4 in a model of dim 3"))
    #expect(
      try fault {
        $0.bucket = 6; $0.statedRows = 8
      } != "none")
    #expect(try fault { $0.kept = [(0, 0)] }.contains("a pruned vocabulary"))
    #expect(
      try fault { ($0.kept, $0.codeWidth) = ([(0, 1)], 2) }.hasSuffix("an n-gram has row 1 of 1"))
    #expect(
      try fault { ($0.kept, $0.codeWidth) = ([(0, -1)], 2) }.hasSuffix("an n-gram has row -1 of 1"))
    #expect(try fault { $0.labels = [] }.hasSuffix("a classifier without labels"))
    #expect(try fault { $0.kind = 1 }.hasSuffix("has word vectors, and no labels for texts"))
    #expect(try fault { _ in } == "none")
  }

  @Test func numbersThatAreNoneAreFaults() throws {
    for bad in [Float.nan, .infinity, -.infinity] {
      for loss in 1...4 as ClosedRange<Int32> {
        var model = FastTextBytes()
        (model.loss, model.maxn, model.wordNgrams) = (loss, 0, 1)
        model.input = { $0 == 7 ? bad : 1 }
        let folder = try TemporaryFolder()
        let loaded = try FastTextModel(path: folder.write(model.bytes, to: "model"))
        var scratch = FastTextScratch()
        // Only the word with that row is harmed.
        #expect(throws: Fault.self) {
          try loaded.answer("two", &scratch)
        }
        #expect(try loaded.answer("one", &scratch).count == 1)
        model.input = { _ in 3e38 }
        model.output = { _ in 3e38 }
        let large = try FastTextModel(path: folder.write(model.bytes, to: "large"))
        #expect(throws: Fault.self) { try large.answer("one", &scratch) }
        model.output = { $0 == 4 ? bad : 1 }
        let path = try folder.write(model.bytes, to: "output")
        #expect(throws: Fault.self) { try FastTextModel(path: path) }
        (model.codeWidth, model.kept, model.output) = (2, [], { _ in 1 })
        model.input = { $0 == 700 ? bad : 1 }
        let codes = try folder.write(model.bytes, to: "codes")
        #expect(throws: Fault.self) { try FastTextModel(path: codes) }
      }
    }
  }

  @Test func aFolderAndNothingAreFaults() throws {
    let folder = try TemporaryFolder()
    #expect(throws: Fault.self) { try FastTextModel(path: folder.path + "/none") }
    #expect(throws: Fault.self) { try FastTextModel(path: folder.path) }
    let empty = try folder.write("", to: "empty")
    #expect(throws: Fault.self) { try FastTextModel(path: empty) }
  }
}
