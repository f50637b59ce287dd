import Compute
import Glibc
import Ground
import Llama
import Synchronization
import TestSupport
import Testing
import Trainer

@Suite struct SavingTests {
  let bench: SavingBench

  init() throws { bench = try SavingBench() }

  /// Four ranks: by rows, by columns, by runs of elements, and one with next to nothing.
  private var uneven: [[TensorPiece]] {
    let (a, b, m, c) = (Numbered.some[0], Numbered.some[1], Numbered.some[2], Numbered.some[3])
    return [
      [
        a.piece(rows: 0..<2), b.piece(elements: 0..<11), m.piece(columns: 0..<3, elements: 0..<20),
        c.piece(),
      ],
      [a.piece(rows: 2..<9, columns: 0..<4), m.piece(columns: 0..<3, elements: 20..<39)],
      [
        a.piece(rows: 2..<9, columns: 4..<7), a.piece(rows: 9..<13, elements: 0..<15),
        b.piece(elements: 11..<28), m.piece(rows: 0..<12, columns: 3..<7),
      ],
      [
        a.piece(rows: 9..<13, elements: 15..<28), b.piece(elements: 28..<29),
        m.piece(rows: 12..<13, columns: 3..<7), b.piece(elements: 29..<29),
      ],
    ]
  }

  private let whole = [Numbered.some.map { $0.piece() }]

  @Test func fourRanksAreReadByOneTwoAndThree() throws {
    try bench.save(uneven, step: 5)
    let (a, b, m, c) = (Numbered.some[0], Numbered.some[1], Numbered.some[2], Numbered.some[3])
    let two = [
      [a.piece(columns: 0..<5), m.piece(), b.piece(), c.piece()],
      [a.piece(columns: 5..<7, elements: 3..<20), m.piece(rows: 3..<7), b.piece()],
    ]
    let three = [
      [a.piece(elements: 0..<30)], [a.piece(elements: 30..<61)],
      [a.piece(elements: 61..<91), m.piece(columns: 6..<7)],
    ]
    for cut in [whole, two, three, uneven] {
      let read = cut.empty
      #expect(!read.areAsNumbered)
      #expect(try bench.load(read).step == 5)
      #expect(read.areAsNumbered)
    }
  }

  @Test func anyCutIsReadAsAnyOther() throws {
    var generator = SeededGenerator(seed: 41)
    for trial in 1...60 {
      let cut = randomCut(
        ranks: .random(in: 1...5, using: &generator), isFilled: true, using: &generator)
      try bench.save(cut, step: trial, inBackground: trial % 2 == 0)
      let read = randomCut(
        ranks: .random(in: 1...5, using: &generator), isFilled: false, using: &generator)
      #expect(try bench.load(read).step == trial)
      #expect(read.areAsNumbered, "trial \(trial)")
    }
  }

  @Test func oneRankWritesWholeTensorsUnderTheirNames() throws {
    try bench.save(whole, step: 5)
    #expect(try bench.files() == ["checkpoint-000005.json", "checkpoint-000005.safetensors"])
    let file = try SafetensorsFile(path: "\(bench.folder.path)/checkpoint-000005.safetensors")
    #expect(file.tensors.map(\.name) == Numbered.some.map(\.name))
    #expect(file.tensors.map(\.shape) == Numbered.some.map(\.shape))
  }

  @Test func namesOfPiecesSayWhatTheyHold() throws {
    try bench.save(uneven, step: 5)
    #expect(
      try bench.files()
        == ["checkpoint-000005-0000", "checkpoint-000005.json"].flatMap { name in
          name.hasSuffix("json") ? [name] : (1...4).map { "\(name)\($0)-of-00004.safetensors" }
        })
    let file = try SafetensorsFile(
      path: "\(bench.folder.path)/checkpoint-000005-00003-of-00004.safetensors")
    #expect(
      file.tensors.map(\.name) == [
        "a.weight[2:9 of 13, 4:7 of 7]", "a.weight[9:13 of 13, 0:7 of 7][0:15]",
        "b.weight[11:28 of 29]", "first_moment.a.weight[0:12 of 13, 3:7 of 7]",
      ])
    #expect(file.tensors.map(\.shape) == [[7, 3], [15], [17], [12, 4]])
  }

  @Test func ranksWithoutPiecesWriteNothing() throws {
    try bench.save([[], whole[0], []], step: 5)
    #expect(try bench.files() == ["checkpoint-000005.json", "checkpoint-000005.safetensors"])
    let read = [[], [], [], whole[0]].empty
    #expect(try bench.load(read).step == 5)
    #expect(read.areAsNumbered)
  }

  @Test func theBackgroundWritesTheSameBytes() throws {
    let other = try SavingBench()
    try bench.save(uneven, step: 5, inBackground: true)
    try other.save(uneven, step: 5, inBackground: false)
    #expect(try bench.files() == other.files())
    for name in try bench.files() { #expect(try bench.bytes(name) == other.bytes(name)) }
  }

  @Test func whatIsSavedIsAsItWasAtTheCall() throws {
    let cut = uneven
    try bench.withWriters(cut) { writer, rank in
      try writer.save(.at(1))
      for piece in cut[rank] { piece.values.set(-1) }
      try writer.finish()
      try writer.save(.at(2))
      try writer.finish()
    }
    let read = whole.empty
    #expect(try bench.load(read, notAfter: 1).step == 1)
    #expect(read.areAsNumbered)
    #expect(try bench.load(read).step == 2)
    #expect(read[0].allSatisfy { $0.values.array.allSatisfy { $0 == -1 } })
  }

  @Test func advancingMakesACheckpointCountWithoutWaiting() throws {
    let saved = Mutex<[Int]>([])
    try bench.withWriters(uneven, saved: { step in saved.withLock { $0.append(step) } }) {
      writer, _ in
      try writer.advance()  // nothing is pending
      try writer.save(.at(1))
      while saved.withLock({ $0.isEmpty }) {
        try writer.advance()
        usleep(1000)
      }
    }
    #expect(saved.withLock { $0 } == [1])
    #expect(try bench.run.checkpoints() == [1])
  }

  @Test func stagingIsAsLargeAsThePieces() {
    #expect(CheckpointWriter.stagingBytes(for: whole[0]) == 4 * (91 + 29 + 91 + 1))
  }

  @Test func elementsThatNoRankOrTwoRanksSaveAreRefused() throws {
    let a = Numbered.some[0]
    func cause(_ cut: [[TensorPiece]]) -> String {
      do { try bench.save(cut, step: 1) } catch let fault as Fault { return "\(fault.cause)" } catch
      {}
      return "nothing"
    }
    #expect(
      cause([[a.piece(rows: 0..<5)], [a.piece(rows: 6..<13)]])
        == "a.weight has 91 elements, and the ranks saved 84")
    #expect(
      cause([[a.piece(rows: 0..<6)], [a.piece(rows: 5..<6), a.piece(rows: 7..<13)]])
        == "7 elements of a.weight were saved by two ranks")
    #expect(
      cause([
        [a.piece(columns: 0..<4)], [a.piece(columns: 4..<7, elements: 0..<37)],
        [a.piece(rows: 3..<4, columns: 2..<4)],
      ]) == "2 elements of a.weight were saved by two ranks")
    #expect(try bench.run.checkpoints() == [])
    // A name that a file of pieces cannot hold.
    let odd = TensorPiece(name: "a[0:1 of 2", shape: [3], values: Arena<Float>(count: 3).all)
    #expect(cause([[odd]]) == "a[0:1 of 2 is no piece of a tensor in f32")
  }

  @Test func whatWasNotSavedIsNotRead() throws {
    try bench.save([[Numbered.some[0].piece()]], step: 1)
    func cause(_ piece: TensorPiece) -> String {
      do { try bench.load([[piece]]) } catch let fault as Fault { return "\(fault.cause)" } catch {}
      return "nothing"
    }
    #expect(cause(Numbered.some[1].piece()) == "no tensor b.weight")
    let other = Numbered(name: "a.weight", shape: [7, 13], first: 0)
    #expect(cause(other.piece()) == "a.weight is [13, 7], not [7, 13]")
  }
}
