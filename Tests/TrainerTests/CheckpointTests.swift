import Glibc
import Ground
import Synchronization
import TestSupport
import Testing
import Trainer

/// What damage, a full disk and policy do to the checkpoints of several ranks.
@Suite struct CheckpointTests {
  let bench: SavingBench
  let cut: [[TensorPiece]]

  init() throws {
    bench = try SavingBench()
    var generator = SeededGenerator(seed: 7)
    cut = randomCut(ranks: 3, isFilled: true, using: &generator)
  }

  @Test(
    arguments: ["cut", "flipped", "gone", "record gone", "record flipped", "record cut"], [1, 2])
  func oneDamagedFileIsNamedAndPassedOver(damage: String, ranks: Int) throws {
    try bench.save(cut, step: 4)
    try bench.save(cut, step: 8)
    let part = "checkpoint-000008-00002-of-00003.safetensors"
    let record = "checkpoint-000008.json"
    let name = damage.hasPrefix("record") ? record : part
    var bytes = try bench.bytes(name)
    if damage.hasSuffix("cut") { bytes.removeLast(3) }
    if damage.hasSuffix("flipped") { bytes[bytes.count / 2] ^= 1 }
    if damage.hasSuffix("gone") {
      try removeFile("\(bench.folder.path)/\(name)")
    } else {
      _ = try bench.folder.write(bytes, to: name)
    }
    let read = [[TensorPiece]](repeating: Numbered.some.map { $0.piece() }, count: ranks).empty
    let (step, messages) = try bench.load(read)
    #expect(step == 4)
    #expect(read.areAsNumbered)
    if damage == "record gone" {
      #expect(messages.isEmpty)  // a checkpoint without its record is none
    } else {
      let start = "passed over the damaged checkpoint of step 8: \(bench.folder.path)/\(name)"
      #expect(messages.count == 1 && messages[0].hasPrefix(start), "\(messages)")
    }
  }

  @Test func noFlippedBitOfARecordGoesUnseen() throws {
    try bench.save(cut, step: 8)
    let record = try bench.bytes("checkpoint-000008.json")
    for place in stride(from: 0, to: 8 * record.count, by: 37) {
      var damaged = record
      damaged[place / 8] ^= 1 << (place % 8)
      _ = try bench.folder.write(damaged, to: "checkpoint-000008.json")
      #expect(try bench.load([[]]).step == nil, "bit \(place)")
    }
  }

  @Test(arguments: [true, false], [0, 2])
  func aFullDiskOnOneRankEndsAllAndOlderCheckpointsStay(inBackground: Bool, full: Int) throws {
    try #require(fileKind("/dev/full") == .file, "this system has no /dev/full")
    try bench.save(cut, step: 4)
    let faults = Mutex<[Fault]>([])
    _ = try? bench.withWriters(cut, keep: 1, inBackground: inBackground) { [bench] writer, rank in
      let part = "\(bench.folder.path)/checkpoint-000008-0000\(rank + 1)-of-00003.safetensors"
      if rank == full { unsafe _ = symlink("/dev/full", temporaryName(for: part)) }
      do {
        try writer.save(.at(8))
        try writer.finish()
      } catch let fault as Fault {
        faults.withLock { $0.append(fault) }
        throw fault
      }
    }
    let seen = faults.withLock { $0 }
    #expect(seen.count == 3)
    #expect(seen.allSatisfy { $0.stopsTheRun && $0.file.contains("0000\(full + 1)-of") })
    #expect(try bench.run.checkpoints() == [4])
    let read = cut.empty
    #expect(try bench.load(read).step == 4)
    #expect(read.areAsNumbered)
  }

  @Test func theNewestAndEveryKthStay() throws {
    let policy = CheckpointPolicy(keep: 2, keepEvery: 100)
    #expect(policy.dropped(of: [70, 80, 90, 100, 110, 120, 130]) == [70, 80, 90, 110])
    #expect(CheckpointPolicy(keep: 3).dropped(of: [1, 2]) == [])
    let cut = cut
    try bench.withWriters(cut, keep: 2, keepEvery: 3) { writer, _ in
      for step in 1...7 { try writer.save(.at(step)) }
      try writer.finish()
    }
    #expect(try bench.run.checkpoints() == [3, 6, 7])
    #expect(try bench.files().filter { $0.hasSuffix("safetensors") }.count == 9)
  }

  @Test func olderOnesGoOnlyWhenTheNewerCounts() throws {
    let saved = Mutex<[[Int]]>([])
    try bench.withWriters(
      cut, keep: 1,
      saved: { [run = bench.run] _ in
        saved.withLock { $0.append((try? run.checkpoints()) ?? []) }
      }
    ) { [bench] writer, rank in
      try writer.save(.at(1))
      try writer.finish()
      try writer.save(.at(2))
      // Whatever the thread has written by now, the older one is there.
      if rank == 0 { #expect(try bench.run.checkpoints() == [1]) }
      try writer.finish()
    }
    #expect(saved.withLock { $0 } == [[1], [2]])
  }

  @Test func aStepIsSavedAgainByOtherRanks() throws {
    try bench.save(cut, step: 4)
    try bench.save([Numbered.some.map { $0.piece() }], step: 4)
    #expect(try bench.files() == ["checkpoint-000004.json", "checkpoint-000004.safetensors"])
    try bench.save(cut, step: 4)
    #expect(try bench.files().count == 4)
  }

  @Test func theLaterOnesOfARewoundRunGo() throws {
    for step in [2, 4, 6] { try bench.save(cut, step: step) }
    let found = try onRanks(2) { [bench] channel in
      try bench.run.newestCheckpoint(channel, notAfter: 5) { _ in }
    }
    #expect(found.map { $0?.state.step } == [4, 4])
    try found[0]?.removeLater()
    #expect(try bench.run.checkpoints() == [2, 4])
  }
}
