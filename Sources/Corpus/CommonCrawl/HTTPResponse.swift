internal import Formats
internal import Ground

/// What a web server answered, as a `response` record keeps it.
struct HTTPResponse {
  var status: Int
  var fields: HeaderFields
  /// As transferred.
  var body: ArraySlice<UInt8>

  /// Nil where `message` is no HTTP answer.
  init?(_ message: [UInt8]) {
    guard message.starts(with: Array("HTTP/".utf8)),
      let end = message.firstIndex(of: 0x0a),
      let space = message[..<end].firstIndex(of: 0x20)
    else { return nil }
    let digits = message[(space + 1)..<end].drop { $0 == 0x20 }.prefix { $0 &- 0x30 < 10 }
    guard let status = Int(String(decoding: digits, as: UTF8.self)) else { return nil }
    self.status = status
    fields = HeaderFields(message, from: end + 1)
    body = message[min(end + 1 + fields.length, message.count)...]
  }

  struct ContentError: Error {
    var what: String
  }

  /// The body without its transfer and content encodings.
  ///
  /// Crawlers often decode the body and leave the header as it came; hence a body that is not what
  /// the header says is taken as it is.
  func content() -> Result<[UInt8], ContentError> {
    var bytes = body
    if fields["Transfer-Encoding"]?.lowercased().contains("chunked") ?? false,
      let joined = joinedChunks(bytes)
    {
      bytes = joined[...]
    }
    let encodings = (fields["Content-Encoding"] ?? "").lowercased()
      .split { $0 == "," || $0 == " " }
    for encoding in encodings.reversed() {
      switch encoding {
      case "identity", "none", "utf-8": continue
      case "gzip", "x-gzip":
        guard bytes.starts(with: [0x1f, 0x8b]) else { continue }
        switch ungzipped(Array(bytes)) {
        case .success(let decoded): bytes = decoded[...]
        case .failure(let error): return .failure(error)
        }
      case "br":
        return .failure(ContentError(what: "unsupported content encoding brotli"))
      default:
        return .failure(ContentError(what: "unsupported content encoding \(encoding)"))
      }
    }
    return .success(Array(bytes))
  }

  private func ungzipped(_ bytes: [UInt8]) -> Result<[UInt8], ContentError> {
    let source = MemoryReader(bytes, path: "HTTP body")
    let reader = BufferedReader(GzipReader(source), limit: Self.contentLimit)
    do {
      return .success(try reader.readToEnd())
    } catch {
      return .failure(ContentError(what: "the HTTP body cannot be decoded: \(error.cause)"))
    }
  }

  /// A page that unpacks to more than this is a bomb; the bytes of the largest that browsers take
  /// are far below.
  private static let contentLimit = 1 << 28
}

/// The chunks of a body in a row; nil where it does not begin with one.
///
/// A body that is cut off, or damaged further on, gives the chunks before.
///
/// - SeeAlso: RFC 9112, section 7.1.
func joinedChunks(_ bytes: ArraySlice<UInt8>) -> [UInt8]? {
  var joined: [UInt8] = []
  var index = bytes.startIndex
  while index < bytes.endIndex {
    var size = 0
    let digits = index
    while index < bytes.endIndex, let digit = hexadecimal(bytes[index]) {
      size = min(size << 4 | digit, 1 << 40)
      index += 1
    }
    let isHeader =
      index > digits
      && (index == bytes.endIndex || [0x0d, 0x0a, 0x20, 0x3b].contains(bytes[index]))
    guard isHeader else { return digits == bytes.startIndex ? nil : joined }
    while index < bytes.endIndex && bytes[index] != 0x0a { index += 1 }
    index += 1
    if size == 0 || index >= bytes.endIndex { break }
    let end = min(index + size, bytes.endIndex)
    joined.append(contentsOf: bytes[index..<end])
    index = end
    if index < bytes.endIndex && bytes[index] == 0x0d { index += 1 }
    if index < bytes.endIndex && bytes[index] == 0x0a { index += 1 }
  }
  return joined
}

private func hexadecimal(_ byte: UInt8) -> Int? {
  if byte &- 0x30 < 10 { return Int(byte &- 0x30) }
  let letter = (byte | 0x20) &- 0x61
  return letter < 6 ? Int(letter) + 10 : nil
}
