import Glibc
import Ground

/// Where a socket listens or is connected to.
struct Address: Equatable, Sendable {
  /// 4 or 6.
  var family: UInt8
  /// In the order of the network; the last 12 are 0 for IPv4.
  var bytes: [UInt8]
  var port: UInt16
  /// The interface, for addresses that are local to one.
  var scope: UInt32 = 0

  /// Bytes on the wire.
  static let size = 24

  static func anywhere(family: UInt8) -> Address {
    Address(family: family, bytes: Array(repeating: 0, count: 16), port: 0)
  }

  /// 127.0.0.1.
  static func loopback(port: UInt16) -> Address {
    Address(family: 4, bytes: [127, 0, 0, 1] + Array(repeating: 0, count: 12), port: port)
  }

  /// 127.0.0.0/8, ::1 and ::ffff:127.0.0.0/104.
  var isLoopback: Bool {
    if family == 4 { return bytes[0] == 127 }
    let start = bytes[..<10].allSatisfy { $0 == 0 }
    let isMapped = start && bytes[10] == 0xff && bytes[11] == 0xff && bytes[12] == 127
    return isMapped || start && bytes[10..<15].allSatisfy { $0 == 0 } && bytes[15] == 1
  }

  var wire: [UInt8] {
    var wire = [family, 0]
    wire.append(number: port)
    wire.append(number: scope)
    return wire + bytes
  }

  /// Nil for what is no address.
  init?(wire: ArraySlice<UInt8>) {
    let wire = Array(wire)
    guard wire.count == Self.size, wire[0] == 4 || wire[0] == 6 else { return nil }
    self.init(
      family: wire[0], bytes: Array(wire[8...]), port: wire.number(at: 2, UInt16.self),
      scope: wire.number(at: 4, UInt32.self))
  }

  init(family: UInt8, bytes: [UInt8], port: UInt16, scope: UInt32 = 0) {
    self.family = family
    self.bytes = bytes
    self.port = port
    self.scope = scope
  }

  /// Reads what the system filled in; nil for other families.
  init?(_ storage: sockaddr_storage) {
    var bytes = [UInt8](repeating: 0, count: 16)
    let raw = unsafe withUnsafeBytes(of: storage) { unsafe Array($0) }
    let port = UInt16(raw[2]) << 8 | UInt16(raw[3])
    switch CInt(storage.ss_family) {
    case AF_INET:
      bytes.replaceSubrange(0..<4, with: raw[4..<8])
      self.init(family: 4, bytes: bytes, port: port)
    case AF_INET6:
      bytes = Array(raw[8..<24])
      self.init(family: 6, bytes: bytes, port: port, scope: raw.number(at: 24, UInt32.self))
    default: return nil
    }
  }

  /// As the system wants it: family, port and address lie alike on every Linux.
  var storage: sockaddr_storage {
    var storage = sockaddr_storage()
    unsafe withUnsafeMutableBytes(of: &storage) { raw in
      unsafe raw[2] = UInt8(port >> 8)
      unsafe raw[3] = UInt8(port & 0xff)
      let count = family == 4 ? 4 : 16
      for index in 0..<count { unsafe raw[(family == 4 ? 4 : 8) + index] = bytes[index] }
      if family == 6 { unsafe raw.storeBytes(of: scope, toByteOffset: 24, as: UInt32.self) }
    }
    storage.ss_family = sa_family_t(family == 4 ? AF_INET : AF_INET6)
    return storage
  }

  var socketFamily: CInt { family == 4 ? AF_INET : AF_INET6 }

  var storageSize: socklen_t {
    socklen_t(family == 4 ? MemoryLayout<sockaddr_in>.size : MemoryLayout<sockaddr_in6>.size)
  }

  /// The addresses of a host, IPv4 first.
  ///
  /// - Throws: `Fault` where the name is not known.
  static func resolve(_ host: String, port: UInt16) throws(Fault) -> [Address] {
    var hints = unsafe addrinfo()
    unsafe hints.ai_socktype = CInt(SOCK_STREAM.rawValue)
    var list: UnsafeMutablePointer<addrinfo>?
    let code = unsafe getaddrinfo(host, nil, &hints, &list)
    guard code == 0, let list = unsafe list else {
      throw Fault(host, at: 0, .unusable(unsafe String(cString: gai_strerror(code))))
    }
    defer { unsafe freeaddrinfo(list) }
    var found: [Address] = []
    var entry: UnsafeMutablePointer<addrinfo>? = unsafe list
    while let here = unsafe entry {
      var storage = sockaddr_storage()
      let length = min(Int(unsafe here.pointee.ai_addrlen), MemoryLayout<sockaddr_storage>.size)
      if let source = unsafe here.pointee.ai_addr {
        unsafe withUnsafeMutableBytes(of: &storage) {
          unsafe $0.copyMemory(from: UnsafeRawBufferPointer(start: source, count: length))
        }
      }
      if var address = Address(storage) {
        address.port = port
        if !found.contains(address) { found.append(address) }
      }
      unsafe entry = here.pointee.ai_next
    }
    return found.filter { $0.family == 4 } + found.filter { $0.family == 6 }
  }
}
