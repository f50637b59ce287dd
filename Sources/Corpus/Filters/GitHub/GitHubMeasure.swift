public import Documents
import Ground

/// The signals by which RedPajama chooses source files.
///
/// Lines are those of Python's `splitlines`; the mean is all characters, ends of line included, over
/// lines; alphanumeric characters are those of any script. An empty file has zeros.
///
/// - SeeAlso: RedPajama `data_prep/github/github_clean_dedup_local.py`, `get_filecontent_stats`.
public struct GitHubMeasure: Measure {
  public static let signals = [
    "github.max_line_length", "github.mean_line_length", "github.alphanumeric",
  ]

  public init() {}

  public func measure(_ document: borrowing Document, into signals: inout Signals) {
    let text = document.text
    let span = text.span
    let table = Traits.table
    let traits = table.span
    var (characters, alphanumeric, lines, longest, start, index) = (0, 0, 0, 0, 0, 0)
    while index < span.count {
      let scalar = span.scalar(at: index)
      let kind = traits.traits(of: scalar.value)
      alphanumeric &+= kind.contains(.alphanumeric) ? 1 : 0
      index &+= scalar.length
      if kind.contains(.lineEnd) {
        longest = max(longest, characters - start)
        lines += 1
        if scalar.value == 0xd && index < span.count && span[index] == 0xa {
          index &+= 1
          characters &+= 1
        }
        start = characters + 1
      }
      characters &+= 1
    }
    if start < characters {
      longest = max(longest, characters - start)
      lines += 1
    }
    signals["github.max_line_length"] = Double(longest)
    signals["github.mean_line_length"] = Double(characters) / Double(max(1, lines))
    signals["github.alphanumeric"] = Double(alphanumeric) / Double(max(1, characters))
  }
}
