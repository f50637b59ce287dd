/// The identifier of a paper, new as `1703.09824` or old as `hep-th/9901001`.
///
/// - SeeAlso: arXiv's help page "Understanding the arXiv identifier".
struct ArXivIdentifier: Equatable {
  /// As arXiv writes it, without a version.
  let text: String
  /// Year and month, such as `1703`.
  let yymm: String

  var url: String { "https://arxiv.org/abs/\(text)" }

  /// Reads a file's name, such as `1703.09824v2.gz` or `hep-th9901001.tar.gz`; nil for others.
  init?(fileName: String) {
    let name = Array(fileName.utf8)
    if let (digits, end) = Self.digits(name[...], at: 0), digits == 4, name.count > end,
      name[end] == 0x2e, let (more, _) = Self.digits(name[...], at: end + 1), (4...5).contains(more)
    {
      self.init(string(name[..<(end + 1 + more)]), string(name[..<4]))
      guard Self.isEnd(name, end + 1 + more) else { return nil }
      return
    }
    let letters = name.prefix { isLetter($0) || $0 == 0x2d || $0 == 0x2e }
    guard !letters.isEmpty, let (count, end) = Self.digits(name[...], at: letters.count),
      count == 7, Self.isEnd(name, end)
    else { return nil }
    let number = name[letters.count..<end]
    self.init("\(string(letters))/\(string(number))", string(number.prefix(4)))
  }

  private init?(_ text: String, _ yymm: String) {
    guard let month = Int(yymm.suffix(2)), (1...12).contains(month) else { return nil }
    self.text = text
    self.yymm = yymm
  }

  private static func digits(_ name: ArraySlice<UInt8>, at start: Int) -> (count: Int, end: Int)? {
    guard start < name.endIndex else { return nil }
    let count = name[start...].prefix { (0x30...0x39).contains($0) }.count
    return count > 0 ? (count, start + count) : nil
  }

  /// True where nothing, a version or an ending follows.
  private static func isEnd(_ name: [UInt8], _ end: Int) -> Bool {
    end == name.count || name[end] == 0x2e || name[end] == 0x76
  }
}
