import Compute
import Foundation
import Ground
import Llama
import TestSupport
import Testing

/// What torch.save writes, and what pretends to be it.
@Suite struct TorchFileTests {
  static func little(_ number: Int, _ size: Int) -> [UInt8] {
    (0..<size).map { UInt8(truncatingIfNeeded: number >> (8 * $0)) }
  }

  /// A zip of stored entries without checksums.
  static func zip(_ entries: [(name: String, bytes: [UInt8])]) -> [UInt8] {
    var file: [UInt8] = [], directory: [UInt8] = []
    for (name, bytes) in entries {
      directory += little(0x0201_4b50, 4) + little(20, 4) + little(0, 12)
      directory += little(bytes.count, 4) + little(bytes.count, 4) + little(name.utf8.count, 2)
      directory += little(0, 12) + little(file.count, 4) + Array(name.utf8)
      file += little(0x0403_4b50, 4) + little(20, 2) + little(0, 20)
      file += little(name.utf8.count, 2) + little(0, 2) + Array(name.utf8) + bytes
    }
    let end =
      little(0x0605_4b50, 4) + little(0, 4) + little(entries.count, 2) + little(entries.count, 2)
      + little(directory.count, 4) + little(file.count, 4) + little(0, 2)
    return file + directory + end
  }

  static func text(_ text: String) -> [UInt8] {
    [0x58] + little(text.utf8.count, 4) + Array(text.utf8)
  }

  static func integer(_ number: Int) -> [UInt8] { [0x8a, 8] + little(number, 8) }

  static func tuple(_ numbers: [Int]) -> [UInt8] {
    [0x28] + numbers.flatMap { integer($0) } + [0x74]
  }

  /// A tensor of f32, as operations of a pickle.
  static func tensor(
    _ shape: [Int], _ strides: [Int], offset: Int = 0, count: Int, key: String = "0",
    type: String = "FloatStorage"
  ) -> [UInt8] {
    Array("ctorch._utils\n_rebuild_tensor_v2\n((".utf8) + text("storage")
      + Array("ctorch\n\(type)\n".utf8) + text(key) + text("cpu") + integer(count)
      + Array("tQ".utf8) + integer(offset) + tuple(shape) + tuple(strides) + [0x89]
      + Array("ccollections\nOrderedDict\n)RtR".utf8)
  }

  /// A checkpoint of one tensor "a", its storage the numbers 0, 1, 2 ….
  static func checkpoint(_ value: [UInt8], numbers: Int = 6) -> [UInt8] {
    let storage = (0..<numbers).flatMap { little(Int(Float($0).bitPattern), 4) }
    return zip([
      ("x/data.pkl", [0x80, 2, 0x7d, 0x28] + text("a") + value + Array("u.".utf8)),
      ("x/data/0", storage), ("x/version", Array("3\n".utf8)),
    ])
  }

  static func open(_ bytes: [UInt8]) throws -> TorchFile {
    let folder = try TemporaryFolder()
    return try TorchFile(path: folder.write(bytes, to: "a.pth"))
  }

  static func read(_ file: TorchFile, _ shape: [Int]) throws -> [Float] {
    let target = Arena<Float>(count: shape.reduce(1, *)).all
    try file.read("a", shape: shape, into: target)
    return target.array
  }

  static let views: [([Int], [Int], Int, [Float])] = [
    ([2, 3], [3, 1], 0, [0, 1, 2, 3, 4, 5]), ([3, 2], [1, 3], 0, [0, 3, 1, 4, 2, 5]),
    ([2, 2], [3, 1], 1, [1, 2, 4, 5]), ([3], [2], 1, [1, 3, 5]), ([1, 2], [9, 1], 4, [4, 5]),
    ([2, 0], [0, 1], 9, []),
  ]

  @Test(arguments: views)
  func stridesAndOffsetsAreFollowed(
    shape: [Int], strides: [Int], offset: Int, expected: [Float]
  ) throws {
    let file = try Self.open(
      Self.checkpoint(Self.tensor(shape, strides, offset: offset, count: 6)))
    #expect(file.tensorNames == ["a"])
    #expect(try Self.read(file, shape) == expected)
    #expect(throws: Fault.self) { try Self.read(file, shape + [1]) }
  }

  static let pair = tensor([2], [1], count: 6)

  static func call(_ module: String, _ name: String, _ argument: String) -> [UInt8] {
    Array("c\(module)\n\(name)\n".utf8) + text(argument) + [0x85, 0x52]
  }

  static let hostile: [([UInt8], String)] = [
    (tensor([2, 3], [3, 1], offset: 1, count: 6), "from 1 on; its storage has 6"),
    (tensor([7], [1], count: 6), "its storage has 6"),
    (tensor([1_000_000, 1_000_000], [0, 0], count: 6), "its storage has 6"),
    (tensor([2], [Int.max], offset: 1, count: 6), "with strides"),
    (tensor([Int.max, 3], [1, 1], count: 6), "with strides"),
    (tensor([2], [-1], offset: 1, count: 6), "a size that is no whole number"),
    (tensor([2], [1], offset: -1, count: 6), "a tensor that is not described"),
    (tensor([2], [1, 1], count: 6), "1 extents with 2 strides"),
    (tensor([2], [1], count: 7), "has 24 bytes, not 7 elements of 4"),
    (tensor([2], [1], count: Int.max), "has 24 bytes"),
    (tensor([2], [1], count: 6, key: "1"), "in storage 1, which the file has not"),
    (tensor([2], [1], count: 6, type: "LongStorage"), "the pickle names torch.LongStorage"),
    (call("posix", "system", "echo"), "names posix.system"),
    (call("__builtin__", "eval", "1"), "names __builtin__.eval"),
    (text("posix") + text("system") + [0x93], "operation 0x93"),
    (text("b") + text("c") + [0x85, 0x52], "a call of what cannot be called"),
    ([0x69], "operation 0x69"), ([0x6f], "operation 0x6f"), ([0x81], "operation 0x81"),
    ([0x80, 4], "pickle protocol 4"), (integer(1), "a is no tensor"),
    ([0x68, 9], "nothing was noted"), ([0x74, 0x74, 0x74], "no mark"),
    ([0x52], "nothing to work on"), ([0x51], "a persistent id that is no storage"),
    (text("b") + [0x51], "a persistent id that is no storage"),
    ([0x58, 255, 255, 255, 255], "a text of"), ([0x8a, 255], "an integer of 255 bytes"),
    ([0x63, 0x41], "a name without an end"), ([0x58, 1, 0, 0, 0, 0xff], "not UTF-8"),
    ([0x7d, 0x4e, 0x4e, 0x73, 0x4e, 0x75], "members for no"),
    (pair + text("a") + pair, "a comes twice"),
    (pair + integer(1) + pair, "a key is no text"),
  ]

  @Test(arguments: hostile)
  func hostilePicklesAreRefused(value: [UInt8], message: String) throws {
    #expect {
      try Self.open(Self.checkpoint(value))
    } throws: { fault in
      // A place within the pickle, which begins behind its entry's head of 40 bytes.
      guard let fault = fault as? Fault, fault.offset >= 40 else { return false }
      return "\(fault)".contains(message)
    }
  }

  @Test func whatANoteOrAStateSaysIsPassedOver() throws {
    let inner: [UInt8] = [0x7d, 0x71, 1] + Self.text("v") + [0x4b, 1, 0x73]
    let value =
      Self.tensor([6], [1], count: 6) + [0x75] + inner + [0x62] + [0x28]
    #expect(try Self.read(Self.open(Self.checkpoint(value)), [6]) == [0, 1, 2, 3, 4, 5])
  }

  @Test func nestingOfAnyDepthIsHeld() throws {
    for code in [UInt8(0x85), 0x28, 0x7d, 0x29] {
      let deep = [0x4e] + [UInt8](repeating: code, count: 1_000_000)
      #expect(throws: Fault.self) { try Self.open(Self.checkpoint(deep)) }
    }
    let long = [UInt8](repeating: 0x4e, count: 1 << 22)
    #expect(throws: Fault.self) { try Self.open(Self.checkpoint(long)) }
  }

  @Test func otherZipsAreRefused() throws {
    func message(_ bytes: [UInt8]) -> String {
      do { _ = try Self.open(bytes) } catch { return "\(error)" }
      return "none"
    }
    let good = Self.checkpoint(Self.tensor([6], [1], count: 6))
    #expect(message(good) == "none")
    #expect(message(Self.zip([("a", [1])])).contains("0 entries named data.pkl"))
    #expect(message([]).contains("expected 22 bytes, found 0"))
    #expect(message([UInt8](repeating: 0, count: 100)).contains("does not end with a directory"))
    #expect(
      message(
        Self.zip([("x/data.pkl", [0x80, 2, 0x7d, 0x2e]), ("x/byteorder", Array("big".utf8))])
      ).contains("big-endian"))
    let directory = try #require(
      (0..<good.count - 4).last { good[$0..<$0 + 4].elementsEqual([0x50, 0x4b, 1, 2]) })
    for (place, value, expected) in [
      (8, UInt8(1), "is encrypted"), (10, 8, "is compressed"), (20, 99, "has two sizes"),
      (45, 0x7f, "no entry where the directory says"), (29, 0xff, "beyond the directory"),
      (0, 0, "no directory entry"),
    ] {
      var bad = good
      bad[directory + place] = value
      if place == 45 { bad[directory + place] = 0 }
      if place == 45 { bad[directory + 42] ^= 1 }
      #expect(message(bad).contains(expected))
    }
  }

  @Test func everyTruncationIsRefused() throws {
    let whole = try bytes("\(MetaTests.goldens)/meta1/consolidated.00.pth")
    let folder = try TemporaryFolder()
    let path = "\(folder.path)/a"
    for count in stride(from: 0, to: whole.count, by: 89) {
      try Data(whole[..<count]).write(to: URL(fileURLWithPath: path))
      #expect(throws: Fault.self) { try TorchFile(path: path) }
    }
  }

  /// Whatever bytes are changed, opening and loading ends in a fault or in numbers.
  @Test func damageNeverCrashes() throws {
    let whole = try bytes("\(MetaTests.goldens)/meta1/consolidated.00.pth")
    let folder = try TemporaryFolder()
    _ = try folder.write("{\(MetaTests.sizes)}", to: "params.json")
    let path = "\(folder.path)/consolidated.00.pth"
    // The pickle comes first, the directory last: there damage does most.
    let pickle = 0..<3000, directory = whole.count - 2600..<whole.count
    var generator = SeededGenerator(seed: 11)
    var opened = 0
    for round in 0..<1000 {
      var bad = whole
      for _ in 0..<Int.random(in: 1...4, using: &generator) {
        let place = Int.random(in: round % 2 == 0 ? pickle : directory, using: &generator)
        bad[place] =
          [0, 1, 0x7f, 0x80, 0xff, UInt8.random(in: 0...255, using: &generator)]
          .randomElement(using: &generator) ?? 0
      }
      // Without its checksum, a changed pickle is read on.
      if round % 2 == 0, let entry = (0..<bad.count - 4).first(where: { isDirectoryEntry(bad, $0) })
      {
        for byte in 16..<20 { bad[entry + byte] = 0 }
      }
      try Data(bad).write(to: URL(fileURLWithPath: path))
      guard let found = try? ModelFolder(path: folder.path) else { continue }
      opened += 1
      let target = Arena<Float>(count: found.config.parameterCount).all
      try? found.load(found.config.tensors, into: target)
    }
    #expect(opened > 0 && opened < 1000)
  }

  private func isDirectoryEntry(_ bytes: [UInt8], _ place: Int) -> Bool {
    bytes[place] == 0x50 && bytes[place + 1] == 0x4b && bytes[place + 2] == 1
      && bytes[place + 3] == 2
  }

  /// Operations in any order, many of which a checkpoint has.
  @Test func anyPickleIsReadOrRefused() throws {
    let pieces: [[UInt8]] = [
      [0x28], [0x29], [0x7d], [0x74], [0x75], [0x73], [0x85], [0x86], [0x87], [0x52], [0x51],
      [0x62],
      [0x4e], [0x88], [0x4b, 3], [0x71, 1], [0x68, 1], [0x71, 2], [0x68, 2], Self.text("a"),
      Self.text("storage"), Array("ctorch\nFloatStorage\n".utf8), Self.integer(-1),
      Self.integer(Int.max), Array("ctorch._utils\n_rebuild_tensor_v2\n".utf8),
      Array("ccollections\nOrderedDict\n".utf8), Self.tensor([2], [1], count: 6),
      Self.tuple([2, 3]),
    ]
    let folder = try TemporaryFolder()
    let path = "\(folder.path)/a"
    var generator = SeededGenerator(seed: 12)
    for _ in 0..<2000 {
      var pickle: [UInt8] = []
      for _ in 0..<Int.random(in: 1...30, using: &generator) {
        pickle += pieces.randomElement(using: &generator) ?? []
      }
      try Data(Self.checkpoint(pickle)).write(to: URL(fileURLWithPath: path))
      _ = try? TorchFile(path: path)
    }
  }

  /// Sizes and places beyond 32 bits, in a file that is mostly a hole.
  @Test func filesAboveFourGigabytesAreRead() throws {
    let folder = try TemporaryFolder()
    let path = "\(folder.path)/a.pth"
    let count = 5 << 28, storage = "x/data/0", pickle = "x/data.pkl"
    let description =
      [0x80, 2, 0x7d, 0x28] + Self.text("a")
      + Self.tensor([2], [1], offset: count - 2, count: count) + Array("u.".utf8)
    func head(_ name: String) -> [UInt8] {
      Self.little(0x0403_4b50, 4) + Self.little(0, 22) + Self.little(name.utf8.count, 2)
        + Self.little(0, 2) + Array(name.utf8)
    }
    func entry(_ name: String, _ size: Int, _ place: Int) -> [UInt8] {
      Self.little(0x0201_4b50, 4) + Self.little(0, 16) + Self.little(0xffff_ffff, 4)
        + Self.little(0xffff_ffff, 4) + Self.little(name.utf8.count, 2) + Self.little(28, 2)
        + Self.little(0, 10) + Self.little(0xffff_ffff, 4) + Array(name.utf8) + Self.little(1, 2)
        + Self.little(24, 2) + Self.little(size, 8) + Self.little(size, 8) + Self.little(place, 8)
    }
    let first = head(storage), second = first.count + 4 * count
    let start = second + head(pickle).count + description.count
    let directory = entry(storage, 4 * count, 0) + entry(pickle, description.count, second)
    let end =
      Self.little(0x0606_4b50, 4) + Self.little(44, 8) + Self.little(0, 12) + Self.little(2, 8)
      + Self.little(2, 8) + Self.little(directory.count, 8) + Self.little(start, 8)
      + Self.little(0x0706_4b50, 4) + Self.little(0, 4) + Self.little(start + directory.count, 8)
      + Self.little(1, 4) + Self.little(0x0605_4b50, 4) + Self.little(0, 4)
      + [UInt8](repeating: 0xff, count: 12) + Self.little(0, 2)
    #expect(FileManager.default.createFile(atPath: path, contents: nil))
    let handle = try #require(FileHandle(forWritingAtPath: path))
    try handle.write(contentsOf: Data(first))
    try handle.seek(toOffset: UInt64(second - 4))
    let last = Self.little(Int(Float(7).bitPattern), 4)
    try handle.write(contentsOf: Data(last + head(pickle) + description + directory + end))
    try handle.close()
    #expect(try Self.read(TorchFile(path: path), [2]) == [0, 7])
  }

  @Test(arguments: [
    (Float(1), UInt16(0x3c00)), (-2, 0xc000), (0x1p-24, 1), (0x1p-25, 0), (0x1.8p-25, 1),
    (0x1p-14, 0x0400), (0x1.ff8p-15, 0x03ff), (0x1.ffep-15, 0x0400), (65504, 0x7bff),
    (65519, 0x7bff), (65520, 0x7c00), (.infinity, 0x7c00), (-0.0, 0x8000), (.nan, 0x7e00),
    (1.00048828125, 0x3c00), (1.00146484375, 0x3c02),
  ])
  func float16RoundsToEven(value: Float, expected: UInt16) {
    #expect(float16(value) == expected)
  }
}
