/// Which language a path's end speaks of.
public enum ProgrammingLanguage {
  /// The ends that RedPajama keeps, as its `data_prep/github` lists them; case-sensitive.
  public static let suffixes = table.flatMap(\.suffixes)

  /// The language of a path, such as `Python`; nil where its end is not known.
  ///
  /// The longest end that fits decides, so that `.f90` is not taken for `.f`. An end that two
  /// languages share names the commoner one.
  static func of(_ path: String) -> String? {
    let path = Array(path.utf8)
    var best: (length: Int, name: String)?
    for (name, suffixes) in table {
      for suffix in suffixes where path.ends(with: suffix) {
        if suffix.utf8.count > best?.length ?? 0 { best = (suffix.utf8.count, name) }
      }
    }
    return best?.name
  }

  private static let table: [(name: String, suffixes: [String])] = [
    ("Assembly", [".asm"]),
    ("Batch", [".bat", ".cmd"]),
    ("C", [".c", ".h"]),
    ("C#", [".cs"]),
    ("C++", [".cpp", ".hpp", ".c++", ".h++", ".cc", ".hh", ".C", ".H"]),
    ("CMake", [".cmake"]),
    ("CSS", [".css"]),
    ("Dockerfile", [".dockerfile", "Dockerfile"]),
    ("Fortran", [".f90", ".f", ".f03", ".f08", ".f77", ".f95", ".for", ".fpp"]),
    ("Go", [".go"]),
    ("Haskell", [".hs"]),
    ("HTML", [".html"]),
    ("Java", [".java"]),
    ("JavaScript", [".js"]),
    ("Julia", [".jl"]),
    ("Lua", [".lua"]),
    ("Markdown", [".md", ".markdown"]),
    ("PHP", [".php", ".php3", ".php4", ".php5", ".phps", ".phpt"]),
    ("Perl", [".pl", ".pm", ".pod", ".perl"]),
    ("PowerShell", [".ps1", ".psd1", ".psm1"]),
    ("Python", [".py"]),
    ("Ruby", [".rb"]),
    ("Rust", [".rs"]),
    ("SQL", [".sql"]),
    ("Scala", [".scala"]),
    ("Shell", [".sh", ".bash", ".command", ".zsh"]),
    ("TypeScript", [".ts", ".tsx"]),
    ("TeX", [".tex"]),
    ("Visual Basic", [".vb"]),
    ("Makefile", ["Makefile"]),
    ("XML", [".xml"]),
    ("reStructuredText", [".rst"]),
    ("Objective-C", [".m"]),
    ("Smali", [".smali"]),
  ]
}

extension [UInt8] {
  func ends(with suffix: String) -> Bool {
    count >= suffix.utf8.count && self.suffix(suffix.utf8.count).elementsEqual(suffix.utf8)
  }
}
