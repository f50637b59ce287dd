public import Ground

/// How likely a page is good text, by the perplexity of its language's model.
public enum PerplexityBucket: String, Sendable, CaseIterable {
  case head, middle, tail
  /// There are no cutoffs for the language.
  case all
}

/// Where head and middle of one language end.
///
/// - SeeAlso: facebookresearch/cc_net `perplexity.py`, `PerplexityBucket`.
public struct PerplexityCutoffs: Equatable, Sendable {
  /// Perplexities below are head.
  public var head: Double
  /// Perplexities below, but not head, are middle.
  public var middle: Double

  public init(head: Double, middle: Double) {
    self.head = head
    self.middle = middle
  }

  /// The percentiles that CCNet's code takes; its paper speaks of thirds.
  public static let percentiles = (head: 30, middle: 60)

  /// The cutoffs of a run itself; nil where it has no perplexities.
  public init?(of sketch: PerplexitySketch) {
    guard let head = sketch.percentile(Double(Self.percentiles.head)),
      let middle = sketch.percentile(Double(Self.percentiles.middle))
    else { return nil }
    self.init(head: head, middle: middle)
  }

  public func bucket(of perplexity: Double) -> PerplexityBucket {
    perplexity < head ? .head : perplexity < middle ? .middle : .tail
  }
}

/// The cutoffs of many languages, by the code that CCNet has for them.
public struct CutoffTable: Sendable {
  public private(set) var cutoffs: [String: PerplexityCutoffs] = [:]

  public init() {}

  /// What CCNet published with its models, of which these cutoffs are worth nothing without.
  ///
  /// - SeeAlso: facebookresearch/cc_net `data/cutoff.csv`, rows 30 and 60.
  public static let published: CutoffTable = {
    var table = CutoffTable()
    for row in publishedRows.split(separator: ",") {
      let fields = row.split(separator: " ")
      guard fields.count == 3, let head = Double(fields[1]), let middle = Double(fields[2]) else {
        preconditionFailure("\(row) is no row")
      }
      table.cutoffs[String(fields[0])] = PerplexityCutoffs(head: head, middle: middle)
    }
    return table
  }()

  private static let publishedRows = """
    af 540 770,ar 490 790,az 600 950,be 670 910,bg 450 680,bn 190 300,ca 210 330,cs 820 1140,\
    da 380 600,de 370 590,el 450 670,en 340 520,es 180 290,et 1270 1620,fa 370 700,fi 1110 1500,\
    fr 180 330,gu 1110 1570,he 1280 1710,hi 480 790,hr 720 910,hu 80 140,hy 750 1080,id 600 970,\
    is 850 1190,it 220 360,ja 1110 1450,ka 910 1310,kk 610 930,km 1040 2180,kn 2210 2800,\
    ko 920 2130,lt 190 270,lv 1130 1480,mk 530 740,ml 2430 3220,mn 680 1010,mr 1380 1870,\
    my 2530 3040,ne 860 1130,nl 430 650,no 430 680,pl 160 260,pt 170 270,ro 180 270,ru 210 310,\
    uk 140 220,zh 1460 1950
    """

  /// The bucket of a text of `language`; `all` where the language has no cutoffs.
  public func bucket(of perplexity: Double, in language: String) -> PerplexityBucket {
    cutoffs[language]?.bucket(of: perplexity) ?? .all
  }
}

// MARK: CCNet's file

extension CutoffTable {
  /// Reads a file in the form of CCNet's `cutoff.csv`: a column a language, a row a percentile.
  ///
  /// - Throws: `Fault` where it is no such table, or the rows 30 or 60 are missing.
  public init(path: String) throws(Fault) {
    let reader = try openDecoded(path)
    var line: [UInt8] = []
    guard let piece = try reader.readLine(into: &line), piece == .whole else {
      throw reader.fault(.malformed("there is no row with the codes of languages"))
    }
    let languages = fields(line).dropFirst().map { $0 }
    var rows: [Int: [Double]] = [:]
    var start = reader.offset
    while let piece = try reader.readLine(into: &line) {
      let cells = fields(line)
      guard piece == .whole, let percentile = Int(cells[0]) else {
        throw reader.fault(.malformed("the row does not begin with a percentile"), at: start)
      }
      let numbers = cells.dropFirst().compactMap { Double($0) }
      guard numbers.count == languages.count else {
        throw reader.fault(
          .malformed("\(languages.count) languages but \(numbers.count) numbers"), at: start)
      }
      rows[percentile] = numbers
      start = reader.offset
    }
    let wanted = PerplexityCutoffs.percentiles
    guard let heads = rows[wanted.head], let middles = rows[wanted.middle] else {
      throw reader.fault(.malformed("there are no rows \(wanted.head) and \(wanted.middle)"))
    }
    for (column, language) in languages.enumerated() {
      cutoffs[language] = PerplexityCutoffs(head: heads[column], middle: middles[column])
    }
  }

  /// The percentiles 0 to 99 of runs, in the form of CCNet's `cutoff.csv`.
  ///
  /// Languages without a perplexity are left out.
  public static func table(of sketches: [(language: String, sketch: PerplexitySketch)]) -> [UInt8] {
    let columns = sketches.filter { $0.sketch.count > 0 }
    var text = columns.map { ",\($0.language)" }.joined() + "\n"
    for percent in 0..<100 {
      text += "\(percent)"
      for column in columns { text += ",\(column.sketch.percentile(Double(percent)) ?? 0)" }
      text += "\n"
    }
    return Array(text.utf8)
  }
}

private func fields(_ line: [UInt8]) -> [String] {
  let end = line.last == UInt8(ascii: "\r") ? line.count - 1 : line.count
  return line[..<end].split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false)
    .map { String(decoding: $0, as: UTF8.self) }
}
