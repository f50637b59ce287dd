/// Why a text is no XML, in libxml2's words where it is its finding.
public struct XMLError: Error, Equatable, Sendable, CustomStringConvertible {
  public let description: String

  init(_ description: String) { self.description = description }
}

/// An element with all that is in it.
public struct XMLElement: Equatable, Sendable {
  /// As written, with its prefix if it has one.
  public var name: String
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
