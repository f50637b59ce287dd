internal import CXML2

/// Why a text is no XML, in libxml2's words.
public struct XMLError: Error, Equatable, Sendable, CustomStringConvertible {
  public let description: String

  public init(_ description: String) { self.description = description }
}

/// An element with all that is in it.
public struct XMLElement: Equatable, Sendable {
  /// As written, without a prefix.
  public var name: String
  /// As written, without prefixes; character references are resolved.
  public var attributes: [(name: String, value: [UInt8])]
  /// Its own character data, UTF-8, without that of the elements within.
  public var text: [UInt8]
  public var children: [XMLElement]

  /// The value of an attribute; nil where it is not given.
  public subscript(attribute: String) -> [UInt8]? {
    attributes.first { $0.name == attribute }?.value
  }

  /// The first element within that has this name.
  public func child(_ name: String) -> XMLElement? { children.first { $0.name == name } }

  public static func == (left: Self, right: Self) -> Bool {
    left.name == right.name && left.text == right.text && left.children == right.children
      && left.attributes.elementsEqual(right.attributes) {
        $0.name == $1.name && $0.value == $1.value
      }
  }
}

/// Parses small XML texts one after the other, by libxml2's SAX2 interface.
///
/// A text is bounded by whoever cut it out. Nothing is loaded from elsewhere, a document type is
/// refused, so that no entity can be declared and none expands, and elements nest 64 deep at most.
/// A parser belongs to one task and keeps its memory from text to text.
@safe public final class XMLParser {
  private let context: xmlParserCtxtPtr?
  private var open: [XMLElement] = []
  private var root: XMLElement?
  private var refusal: String?
  private static let deepest = 64
  /// libxml2 wants this once before threads share it.
  private static let library: Void = xmlInitParser()

  public init() {
    _ = Self.library
    unsafe context = xmlNewParserCtxt()
    guard let context = unsafe context, let handler = unsafe context.pointee.sax else { return }
    unsafe handler.pointee = xmlSAXHandler()
    unsafe handler.pointee.initialized = UInt32(XML_SAX2_MAGIC)
    unsafe handler.pointee.startElementNs = startElement
    unsafe handler.pointee.endElementNs = endElement
    unsafe handler.pointee.characters = characters
    unsafe handler.pointee.cdataBlock = characters
    unsafe handler.pointee.internalSubset = internalSubset
    unsafe handler.pointee.serror = { _, _ in }  // libxml2 would print to the terminal
    unsafe context.pointee.userData = Unmanaged.passUnretained(self).toOpaque()
  }

  deinit { unsafe xmlFreeParserCtxt(context) }

  /// Parses one text: an element, with or without an XML declaration before it.
  ///
  /// - Complexity: O(n), some hundred MB/s.
  public func parse(_ text: borrowing [UInt8]) throws(XMLError) -> XMLElement {
    guard let context = unsafe context, text.count < Int(Int32.max) else {
      throw XMLError("too long")
    }
    open.removeAll(keepingCapacity: true)
    root = nil
    refusal = nil
    // Huge texts are the caller's bound to keep; without a document type nothing can multiply.
    let options = CInt(XML_PARSE_NONET.rawValue | XML_PARSE_HUGE.rawValue)
    unsafe text.withUnsafeBytes { bytes in
      let start = unsafe bytes.bindMemory(to: CChar.self).baseAddress
      unsafe _ = xmlCtxtReadMemory(context, start, CInt(bytes.count), nil, "UTF-8", options)
    }
    if let refusal { throw XMLError(refusal) }
    guard unsafe context.pointee.wellFormed == 1, let root else {
      let message = unsafe context.pointee.lastError.message.map { unsafe String(cString: $0) }
      let line = unsafe context.pointee.lastError.line
      throw XMLError("line \(line): " + String((message ?? "no element\n").dropLast()))
    }
    return root
  }

  fileprivate func refuse(_ why: String) {
    refusal = refusal ?? why
    unsafe xmlStopParser(context)
  }

  fileprivate func start(
    _ element: UnsafePointer<xmlChar>?, attributes: UnsafeMutablePointer<UnsafePointer<xmlChar>?>?,
    count: Int
  ) {
    guard let element = unsafe element else { return }
    guard open.count < Self.deepest else { return refuse("elements nest too deep") }
    var values: [(name: String, value: [UInt8])] = []
    values.reserveCapacity(count)
    // Five pointers an attribute: name, prefix, namespace, start and end of the value.
    for index in 0..<count {
      guard let fields = unsafe attributes.map({ unsafe $0 + 5 * index }),
        let key = unsafe fields[0], let from = unsafe fields[3], let to = unsafe fields[4]
      else { continue }
      let value = unsafe Array(UnsafeBufferPointer(start: from, count: to - from))
      values.append((unsafe String(cString: key), value))
    }
    unsafe open.append(
      XMLElement(name: String(cString: element), attributes: values, text: [], children: []))
  }

  fileprivate func text(_ bytes: UnsafeBufferPointer<xmlChar>) {
    guard !open.isEmpty else { return }
    unsafe open[open.count - 1].text.append(contentsOf: bytes)
  }

  fileprivate func end() {
    guard let element = open.popLast() else { return }
    if open.isEmpty { root = element } else { open[open.count - 1].children.append(element) }
  }
}

private func parser(_ handle: UnsafeMutableRawPointer?) -> XMLParser? {
  unsafe handle.map { unsafe Unmanaged<XMLParser>.fromOpaque($0).takeUnretainedValue() }
}

private let startElement: startElementNsSAX2Func = { handle, name, _, _, _, _, count, _, values in
  unsafe parser(handle)?.start(name, attributes: values, count: Int(count))
}

private let endElement: endElementNsSAX2Func = { handle, _, _, _ in unsafe parser(handle)?.end() }

private let characters: charactersSAXFunc = { handle, start, count in
  unsafe parser(handle)?.text(UnsafeBufferPointer(start: start, count: Int(count)))
}

private let internalSubset: internalSubsetSAXFunc = { handle, _, _, _ in
  unsafe parser(handle)?.refuse("a document type is not accepted")
}
