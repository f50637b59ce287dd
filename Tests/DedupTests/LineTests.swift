import Dedup
import Documents
import Foundation
import Ground
import TestSupport
import Testing

@Suite struct LineTests {
  /// Keys that Python's hashlib gives for cc_net's `normalize_for_dedup` of the same lines.
  @Test(
    arguments: [
      ("", 0x0d4b_6b5e_eea3_39da),
      ("Hello, World!", 0xf353_7d70_0cd3_091f),
      ("  Tel. 0171 / 23-45\t", 0xcf79_d488_4574_816e),
      ("ΟΔΥΣΣΕΥΣ ΣΑΣ.", 0x36df_a621_ceb6_a15c),
      ("«Héllo» — “Wörld”…", 0x9d93_d6c6_a7ac_95dc),
      ("İstanbul ٣٤ １２", 0x7e35_cbf2_0a14_d947),
      ("a\u{0}b\u{85}c\u{200b}d", 0xb6f5_e482_4103_7aec),
      ("\u{1c} x \u{1f}", 0x8429_2ac5_8ead_f611),
      ("𝟘𝟙 𝐀 𐐀", 0xab6c_4c5f_dd44_e2f4),
      ("¹²³ Ⅻ", 0xc323_527d_ef8a_317c),
      ("Σ", 0x77d2_e220_7b2e_8e35),
      ("ΑΣ'Σ", 0x6f35_ef33_cf0d_f49f),
    ] as [(String, UInt64)])
  func keyIsThatOfPython(line: String, key: UInt64) {
    #expect(keys(of: Array(line.utf8)) == [key])
    #expect(keys(of: Array("x\n\(line)\n".utf8)).dropFirst() == [key, LineKeys.empty])
  }

  private func resolve(_ texts: [String], budget: Int) throws -> DuplicatedLines {
    let folder = try TemporaryFolder()
    var files: [String] = []
    for (number, text) in texts.enumerated() {
      var file = try LineKeyWriter(path: "\(folder.path)/\(number)")
      try file.add(keys(of: Array(text.utf8)))
      try file.commit()
      files.append("\(folder.path)/\(number)")
    }
    let path = "\(folder.path)/duplicated"
    try resolveLines(files, to: path, in: SortSpace(folder: folder.path, memory: budget))
    return try DuplicatedLines(path: path)
  }

  @Test(arguments: budgets)
  func lineOfTwoDocumentsGoesFromBothAndRepeatsStayOnce(budget: Int) throws {
    let first = "Menu 1\nOwn line\nOwn line\n\nLast"
    let second = "MENU 2\nother\n"
    let duplicated = try resolve([first, second], budget: budget)
    #expect(duplicated.count == 2)  // the menu and the empty line
    let bytes = Array(first.utf8)
    let left = duplicated.removeLines(from: bytes, keys: keys(of: bytes))
    #expect(String(decoding: left.text, as: UTF8.self) == "Own line\nLast")
    #expect(left.lines == [1, 4])
  }

  @Test func documentOfDuplicatedAndEmptyLinesHasNoneLeft() throws {
    let duplicated = try resolve(["a\nb", "a\nc"], budget: 1 << 20)
    let bytes = Array("a\n \n»".utf8)
    let left = duplicated.removeLines(from: bytes, keys: keys(of: bytes))
    #expect(left.lines == [] && left.text == [])
  }

  @Test func lookUpFindsEveryKeyAndNoOther() throws {
    let folder = try TemporaryFolder()
    var random = SeededGenerator(seed: 3)
    // Evenly spread keys and a clump, which misleads interpolation.
    let all = (0..<2000).map { _ in random.next() } + (0..<500).map { UInt64($0) * 2 }
    for name in ["a", "b"] {
      var file = try LineKeyWriter(path: "\(folder.path)/\(name)")
      try file.add(all)
      try file.commit()
    }
    let path = "\(folder.path)/d"
    let space = SortSpace(folder: folder.path)
    let count = try resolveLines(["\(folder.path)/a", "\(folder.path)/b"], to: path, in: space)
    let duplicated = try DuplicatedLines(path: path)
    #expect(count == Set(all).count && duplicated.count == count)
    for key in all { #expect(duplicated.contains(key)) }
    for key in 0..<500 { #expect(!duplicated.contains(UInt64(key) * 2 + 1)) }
    #expect(!duplicated.contains(.max))
  }

  @Test(.enabled(if: Samples.areHere, "\(Samples.absence)"))
  func outputOfCCNetHasNoLineTwiceButBlankOnes() throws {
    let path = try Samples.path("commoncrawl/cc_net-output/cc_en_head-0091.jsonl.gz")
    let reader = try DocumentLineReader(openDecoded(path), name: "cc")
    let none = try resolve([], budget: 1 << 20)
    var (documents, same) = (0, 0)
    while documents < 2000, case .success(let document)? = try reader.next() {
      documents += 1
      let left = none.removeLines(from: document.text, keys: keys(of: document.text))
      let lines = document.text.split(separator: 0x0a, omittingEmptySubsequences: true)
      if left.text == Array(lines.joined(separator: [0x0a])) { same += 1 }
    }
    #expect(documents == 10)
    #expect(same == documents)
  }

  @Test(.timeLimit(.minutes(1)), arguments: ["Σ'", "Σ\n", "'", "\n", " ", "İ"])
  func hostileLinesCostLinearTime(piece: String) {
    let text = "Α" + String(repeating: piece, count: 150_000) + "Σ"
    let bytes = Array(text.utf8)
    #expect(keys(of: bytes).count == 1 + bytes.count { $0 == 0x0a })
  }

  @Test func malformedBytesAreNoTrap() {
    let bytes: [UInt8] = [0xff, 0xe2, 0x80, 0x0a, 0x80, 0x80, 0x80, 0x80, 0x80, 0xf4, 0x0a, 0xce]
    #expect(keys(of: bytes).count == 3)
  }
}
