import Glibc

/// Decodes legacy character sets into UTF-8, by the C library's `iconv`.
@safe public struct Charset: ~Copyable {
  private let handle: iconv_t

  /// Nil where the C library does not know `name`, which is written as the IANA registry or a
  /// document writes it, such as `windows-1252`.
  public init?(_ name: String) {
    unsafe handle = iconv_open("UTF-8", name)
    if unsafe Int(bitPattern: handle) == -1 { return nil }
  }

  deinit { unsafe _ = iconv_close(handle) }

  /// Those that old pages and books are written in most.
  public static let usual = [
    "WINDOWS-1252", "WINDOWS-1251", "KOI8-R", "GB18030", "BIG5-HKSCS", "EUC-JP", "CP932", "CP949",
  ]

  /// Checks that the C library has its conversions, which glibc keeps in files of their own.
  ///
  /// - Throws: `Fault` that names the first which is missing: without it, text would be taken for
  ///   something else, and nothing would say so.
  public static func check(_ names: [String] = usual) throws(Fault) {
    for name in names where Charset(name) == nil {
      throw Fault(
        "iconv", at: 0,
        .unusable(
          "this system cannot read \(name); install the character sets of glibc (`gconv` modules, "
            + "in Debian's libc6, Fedora's glibc-gconv-extra) or name their folder in GCONV_PATH"))
    }
  }

  /// `bytes` as UTF-8; each byte that is wrong in the character set becomes U+FFFD.
  ///
  /// - Complexity: O(n).
  public func decode(_ bytes: [UInt8]) -> [UInt8] {
    unsafe iconv(handle, nil, nil, nil, nil)
    var input = bytes
    var text = [UInt8](repeating: 0, count: 1 << 14)
    var decoded: [UInt8] = []
    var used = 0
    while used < input.count {
      var made = 0
      let code = unsafe input.withUnsafeMutableBytes { source in
        unsafe text.withUnsafeMutableBytes { target -> CInt in
          var from = unsafe source.bindMemory(to: CChar.self).baseAddress.map { unsafe $0 + used }
          var left = source.count - used
          var to = unsafe target.bindMemory(to: CChar.self).baseAddress
          var room = target.count
          let result = unsafe iconv(handle, &from, &left, &to, &room)
          used = source.count - left
          made = target.count - room
          return result == -1 ? errno : 0
        }
      }
      decoded.append(contentsOf: text[..<made])
      if code == EILSEQ || code == EINVAL {
        decoded.append(contentsOf: [0xef, 0xbf, 0xbd])
        used += 1
      }
    }
    return decoded
  }
}

/// `bytes` as UTF-8: as they are where they are UTF-8 already, else by the character set `name`,
/// else by Windows-1252, which gives every byte a meaning that is most often the right one.
///
/// A byte-order mark decides before anything else and is removed.
public func decodeText(_ bytes: [UInt8], declared name: String? = nil) -> [UInt8] {
  if bytes.starts(with: [0xef, 0xbb, 0xbf]) {
    var text = Array(bytes.dropFirst(3))
    repairUTF8(&text)
    return text
  }
  if bytes.starts(with: [0xff, 0xfe]), let charset = Charset("UTF-16LE") {
    return charset.decode(Array(bytes.dropFirst(2)))
  }
  if bytes.starts(with: [0xfe, 0xff]), let charset = Charset("UTF-16BE") {
    return charset.decode(Array(bytes.dropFirst(2)))
  }
  if isValidUTF8(bytes) && !isEscapeEncoded(name) { return bytes }
  if let name, !isNamedUTF8(name), let charset = Charset(name) { return charset.decode(bytes) }
  if let charset = Charset("WINDOWS-1252") { return charset.decode(bytes) }
  var text = bytes
  repairUTF8(&text)
  return text
}

private func isNamedUTF8(_ name: String) -> Bool {
  ["utf-8", "utf8"].contains(name.lowercased())
}

/// Character sets that write other scripts in ASCII bytes, so that they look like valid UTF-8.
private func isEscapeEncoded(_ name: String?) -> Bool {
  guard let name = name?.lowercased() else { return false }
  return name.hasPrefix("iso-2022") || name == "hz-gb-2312" || name == "utf-7"
}
