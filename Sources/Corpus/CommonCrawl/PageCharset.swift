internal import Ground

/// A page's bytes as UTF-8.
///
/// A byte-order mark decides; then what is UTF-8 is taken for it; then the declared character set;
/// then UTF-8 again, repaired, where most of what is not ASCII is well-formed; then Windows-1252.
/// So one wrong byte in a page of UTF-8 costs one character, not all of them.
func decodedPage(_ bytes: [UInt8], declared label: String?) -> [UInt8] {
  let name = label.flatMap(charsetName)
  let hasMark = [[0xef, 0xbb, 0xbf], [0xff, 0xfe], [0xfe, 0xff]].contains { bytes.starts(with: $0) }
  if let name, name.hasPrefix("UTF-16"), !hasMark, bytes.contains(0), let charset = Charset(name) {
    return charset.decode(bytes)
  }
  if hasMark || isValidUTF8(bytes) { return decodeText(bytes, declared: name) }
  if name == "UTF-8" || (name == nil && isMostlyUTF8(bytes)) {
    var text = bytes
    repairUTF8(&text)
    return text
  }
  return decodeText(bytes, declared: name)
}

/// True where well-formed sequences of several bytes outnumber the malformed ones.
private func isMostlyUTF8(_ bytes: [UInt8]) -> Bool {
  var decoder = UTF8()
  var iterator = bytes.makeIterator()
  var balance = 0
  while true {
    switch decoder.decode(&iterator) {
    case .scalarValue(let scalar): if scalar.value >= 0x80 { balance += 1 }
    case .error: balance -= 1
    case .emptyInput: return balance > 0
    }
  }
}

/// What `iconv` calls the character set behind a label of the web; nil for unknown labels.
///
/// - SeeAlso: The Encoding standard, section 4.2, "Names and labels": pages that say `iso-8859-1`
///   are in Windows-1252, and so on.
func charsetName(_ label: String) -> String? {
  let bare = label.lowercased().filter { !" \t\r\n\"'".contains($0) }
  if let name = names[bare] { return name }
  return Charset(bare) == nil ? nil : bare.uppercased()
}

private let names: [String: String] = {
  var names: [String: String] = [:]
  for (name, labels) in [
    ("UTF-8", "utf-8 utf8 unicode-1-1-utf-8 unicode11utf8 unicode20utf8 x-unicode20utf8"),
    (
      "WINDOWS-1252",
      """
      ansi_x3.4-1968 ascii cp1252 cp819 csisolatin1 ibm819 iso-8859-1 iso-ir-100 iso8859-1 \
      iso88591 iso_8859-1 iso_8859-1:1987 l1 latin1 us-ascii windows-1252 x-cp1252 x-user-defined
      """
    ),
    (
      "WINDOWS-1254",
      """
      cp1254 csisolatin5 iso-8859-9 iso-ir-148 iso8859-9 iso88599 iso_8859-9 iso_8859-9:1989 l5 \
      latin5 windows-1254 x-cp1254
      """
    ),
    (
      "WINDOWS-874", "dos-874 iso-8859-11 iso8859-11 iso885911 tis-620 windows-874"
    ),
    (
      "GB18030",
      """
      chinese csgb2312 csiso58gb231280 gb2312 gb_2312 gb_2312-80 gbk iso-ir-58 x-gbk gb18030
      """
    ),
    ("BIG5-HKSCS", "big5 big5-hkscs cn-big5 csbig5 x-x-big5"),
    ("EUC-JP", "cseucpkdfmtjapanese euc-jp x-euc-jp"),
    ("CP932", "csshiftjis ms932 ms_kanji shift-jis shift_jis sjis windows-31j x-sjis"),
    (
      "CP949",
      """
      cseuckr csksc56011987 euc-kr iso-ir-149 korean ks_c_5601-1987 ks_c_5601-1989 ksc5601 \
      ksc_5601 windows-949
      """
    ),
    ("ISO-8859-8", "iso-8859-8-i iso-8859-8-e csiso88598i logical visual hebrew"),
    ("UTF-16LE", "utf-16 utf-16le unicode ucs-2 iso-10646-ucs-2 unicodefeff csunicode"),
    ("UTF-16BE", "utf-16be unicodefffe"),
    ("WINDOWS-1251", "cp1251 win-1251 windows-1251 x-cp1251"),
    ("KOI8-R", "cskoi8r koi koi8 koi8-r koi8_r"),
    ("MACINTOSH", "csmacintosh mac macintosh x-mac-roman"),
    ("MAC-CYRILLIC", "x-mac-cyrillic x-mac-ukrainian"),
  ] {
    for label in labels.split(separator: " ") { names[String(label)] = name }
  }
  return names
}()
