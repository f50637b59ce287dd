internal import CXML2
import Glibc
import Ground

/// Parses one element of XML that was cut out of a file, such as an `XMLRecord`, by libxml2.
///
/// Nothing is loaded from elsewhere. A document type is refused, so that no entity can be declared and
/// none expands but the five of XML. Elements nest 64 deep at most. How long a text may be is up to who
/// cut it out, so libxml2's own limits are off.
///
/// - SeeAlso: W3C, Extensible Markup Language (XML) 1.0, fifth edition; libxml2's `parser.h`, `SAX2.h`.
public struct XMLParser: Sendable {
  /// What is not longer has so few attributes that libxml2 is done with them in time.
  private static let small = 1 << 16
  private static let mostAttributes = 1000

  public init() {}

  /// The element that `text` holds; white space, comments and an XML declaration may stand around it.
  ///
  /// - Complexity: O(n).
  public func parse(_ text: [UInt8]) throws(XMLError) -> XMLElement {
    guard text.count < Int(CInt.max) else { throw XMLError("longer than libxml2 takes") }
    // libxml2 lets pass what UTF-8 forbids: surrogates and characters in more bytes than need be.
    guard isValidUTF8(text) else { throw XMLError("not UTF-8") }
    if text.count > Self.small, hasMoreAttributes(than: Self.mostAttributes, in: text) {
      throw XMLError("more than \(Self.mostAttributes) attributes in a tag")
    }
    return try XMLReading().element(of: text)
  }
}

/// One text on its way through libxml2.
///
/// A context is not used again, since it keeps every name that it has met.
@safe private final class XMLReading {
  private let context: xmlParserCtxtPtr?
  private var open: [XMLElement] = []
  private var root: XMLElement?
  private var refusal: String?

  private static let deepest = 64
  /// Once, before threads share the library.
  private static let library: Void = xmlInitParser()

  init() {
    _ = Self.library
    unsafe context = xmlNewParserCtxt()
  }

  deinit { unsafe xmlFreeParserCtxt(context) }

  func element(of text: [UInt8]) throws(XMLError) -> XMLElement {
    guard let context = unsafe context, let handlers = unsafe context.pointee.sax else {
      throw XMLError("no memory for libxml2")
    }
    unsafe setHandlers(handlers)
    unsafe context.pointee.userData = Unmanaged.passUnretained(self).toOpaque()
    // NOENT: without it `&amp;` in an attribute comes as `&#38;`; entities that a text declares never
    // come to be. IGNORE_ENC: the bytes are UTF-8, whatever the XML declaration says.
    let options = [XML_PARSE_NONET, XML_PARSE_HUGE, XML_PARSE_NOENT, XML_PARSE_IGNORE_ENC]
      .reduce(0) { $0 | CInt($1.rawValue) }
    unsafe text.withUnsafeBytes { bytes in
      let start = unsafe bytes.bindMemory(to: CChar.self).baseAddress
      unsafe _ = xmlCtxtReadMemory(context, start, CInt(bytes.count), nil, nil, options)
    }
    if let refusal { throw XMLError(refusal) }
    guard unsafe context.pointee.wellFormed == 1, open.isEmpty, let root else {
      throw unsafe XMLError(context.pointee.lastError)
    }
    return root
  }

  /// Ends the parsing for a reason of ours.
  func refuse(_ why: String) {
    refusal = refusal ?? why
    unsafe xmlStopParser(context)
  }

  /// `attributes` are names and values in turn, each ended by a zero, and a null at the end.
  func begin(_ name: String, _ attributes: UnsafeMutablePointer<UnsafePointer<xmlChar>?>?) {
    guard open.count < Self.deepest else { return refuse("elements nest too deep") }
    var element = XMLElement(name: name, attributes: [], text: [], children: [])
    var fields = unsafe attributes
    while let pair = unsafe fields, let key = unsafe pair[0], let value = unsafe pair[1] {
      let bytes = unsafe UnsafeRawBufferPointer(start: value, count: strlen(value))
      unsafe element.attributes.append((String(cString: key), Array(bytes)))
      unsafe fields = pair + 2
    }
    open.append(element)
  }

  func append(_ text: UnsafeBufferPointer<xmlChar>) {
    guard !open.isEmpty else { return }
    unsafe open[open.count - 1].text.append(contentsOf: text)
  }

  func end() {
    guard let element = open.popLast() else { return }
    if open.isEmpty { root = element } else { open[open.count - 1].children.append(element) }
  }
}

extension XMLError {
  fileprivate init(_ error: xmlError) {
    let message = unsafe error.message.map { unsafe String(cString: $0) } ?? "there is no element\n"
    // libxml2 ends its messages with the line; `int2` is the column.
    let place = unsafe "line \(error.line), column \(error.int2)"
    self.init("\(place): \(message.prefix { $0 != "\n" })")
  }
}

/// Hands what libxml2 finds on to the reading that it was given.
///
/// As handlers of the first version they know no namespaces: names come as they are written, and
/// nothing looks for their prefixes. An error is kept in the context; without a handler for it
/// nothing is printed.
private func setHandlers(_ handlers: UnsafeMutablePointer<xmlSAXHandler>) {
  unsafe handlers.pointee = xmlSAXHandler()
  unsafe handlers.pointee.initialized = 1
  unsafe handlers.pointee.internalSubset = { handle, _, _, _ in
    unsafe reading(handle)?.refuse("a document type is not accepted")
  }
  unsafe handlers.pointee.startElement = { handle, name, attributes in
    guard let name = unsafe name else { return }
    unsafe reading(handle)?.begin(String(cString: name), attributes)
  }
  unsafe handlers.pointee.endElement = { handle, _ in unsafe reading(handle)?.end() }
  unsafe handlers.pointee.characters = append
  unsafe handlers.pointee.ignorableWhitespace = append
  unsafe handlers.pointee.cdataBlock = append
}

private let append: charactersSAXFunc = { handle, start, count in
  unsafe reading(handle)?.append(UnsafeBufferPointer(start: start, count: Int(count)))
}

private func reading(_ handle: UnsafeMutableRawPointer?) -> XMLReading? {
  unsafe handle.map { unsafe Unmanaged<XMLReading>.fromOpaque($0).takeUnretainedValue() }
}
