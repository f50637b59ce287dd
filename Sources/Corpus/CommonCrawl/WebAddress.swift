/// An address without the angle brackets that wget writes around it.
func bareAddress(_ address: String) -> String {
  address.hasPrefix("<") && address.hasSuffix(">")
    ? String(address.dropFirst().dropLast()) : address
}

/// True for addresses of pages, and where there is none; false for what crawlers keep about
/// themselves, such as `metadata://gnu.org/software/wget/warc/wget.log`, and for `dns:`.
func isOfTheWeb(_ address: String) -> Bool {
  let scheme = address.prefix { $0 != ":" }.lowercased()
  return ["http", "https", "ftp", "ftps", "gopher", "file", ""].contains(scheme)
}

/// True for `http://example.org/robots.txt`, which speaks to crawlers: Common Crawl keeps it apart
/// from the pages.
func isForRobots(_ address: String) -> Bool {
  let host = domain(of: address)
  return !host.isEmpty && address.lowercased().hasSuffix("://\(host.lowercased())/robots.txt")
}

/// The host of an address, with its port if it has one, as Python's `urlparse(url).netloc` gives
/// it to CCNet; empty where there is none.
func domain(of address: String) -> String {
  let bytes = Array(address.utf8)
  guard let colon = bytes.firstIndex(of: UInt8(ascii: ":")),
    bytes[(colon + 1)...].starts(with: [0x2f, 0x2f])
  else { return "" }
  let host = bytes[(colon + 3)...].prefix { $0 != 0x2f && $0 != 0x3f && $0 != 0x23 }
  return String(decoding: host, as: UTF8.self)
}
