internal import Ground

/// A tensor as the pickle of a checkpoint describes it; elements, not bytes.
struct PickledTensor: Equatable {
  let type: ElementType
  /// The entry `data/<key>` of the zip has the storage.
  let key: String
  let storageCount: Int
  let offset: Int
  let shape: [Int]
  let strides: [Int]
}

/// Reads the pickle of `torch.save` of a dictionary of tensors, and nothing else.
///
/// A pickle is a program: Python's reader calls what it names. This one knows the two dozen operations
/// and the few names that such a dictionary needs, builds descriptions only, and refuses all else. Values
/// are places in one array, so no nesting, however deep, is recursed into.
///
/// - Complexity: O(bytes), of which 4 MiB are allowed; 65B needs some 150 KiB a part.
/// - SeeAlso: CPython `Lib/pickletools.py`; PyTorch `torch/_weights_only_unpickler.py`.
struct PickleReader {
  static let limit = 1 << 22

  private enum Global {
    case orderedDictionary, rebuildTensor
    case storage(ElementType)
  }

  private enum Value {
    case none, mark
    case bool(Bool)
    case integer(Int)
    case text(String)
    case global(Global)
    case tuple([Int])
    case dictionary([(key: Int, value: Int)])
    case storage(ElementType, key: String, count: Int)
    case tensor(PickledTensor)
  }

  private let bytes: [UInt8]
  private let path: String
  private let base: Int
  private var place = 0
  /// Where the operation at work begins.
  private var start = 0
  private var values: [Value] = []
  private var stack: [Int] = []
  private var memo: [Int: Int] = [:]

  /// - Parameters:
  ///   - bytes: The pickle.
  ///   - path: Of the file, for messages.
  ///   - base: Where the pickle begins in the file.
  /// - Throws: `Fault` where it is longer than any checkpoint needs.
  init(_ bytes: [UInt8], path: String, base: Int) throws(Fault) {
    guard bytes.count <= Self.limit else {
      throw Fault(path, at: UInt64(base), .tooLong(limit: Self.limit))
    }
    self.bytes = bytes
    self.path = path
    self.base = base
  }

  /// The named tensors, in the order of the dictionary.
  mutating func read() throws(Fault) -> [(name: String, tensor: PickledTensor)] {
    let root = try run()
    guard case .dictionary(let members) = values[root] else {
      throw fault("the pickle holds no dictionary of tensors")
    }
    var names: Set<String> = []
    var tensors: [(name: String, tensor: PickledTensor)] = []
    for member in members {
      guard case .text(let name) = values[member.key] else { throw fault("a key is no text") }
      guard case .tensor(let tensor) = values[member.value] else {
        throw fault("\(name) is no tensor")
      }
      guard names.insert(name).inserted else { throw fault("\(name) comes twice") }
      tensors.append((name, tensor))
    }
    return tensors
  }

  private func fault(_ what: String) -> Fault {
    Fault(path, at: UInt64(base + start), .malformed(what))
  }

  private mutating func run() throws(Fault) -> Int {
    while true {
      start = place
      let code = UInt8(try number(1))
      switch code {
      case 0x80:  // PROTO
        let version = try number(1)
        guard version == 2 else { throw fault("pickle protocol \(version); torch.save writes 2") }
      case UInt8(ascii: "."): return try pop()
      case UInt8(ascii: "("): push(.mark)
      case UInt8(ascii: "N"): push(.none)
      case 0x88: push(.bool(true))
      case 0x89: push(.bool(false))
      case UInt8(ascii: "K"): push(.integer(try number(1)))
      case UInt8(ascii: "M"): push(.integer(try number(2)))
      case UInt8(ascii: "J"):
        push(.integer(Int(Int32(truncatingIfNeeded: try number(4)))))
      case 0x8a: push(.integer(try longInteger()))
      case UInt8(ascii: "X"): push(.text(try text(try number(4))))
      case UInt8(ascii: "c"): push(.global(try global()))
      case UInt8(ascii: ")"): push(.tuple([]))
      case 0x85, 0x86, 0x87: push(.tuple(try pop(Int(code) - 0x84)))
      case UInt8(ascii: "t"): push(.tuple(try popToMark()))
      case UInt8(ascii: "}"): push(.dictionary([]))
      case UInt8(ascii: "s"): try set(try pop(2))
      case UInt8(ascii: "u"): try set(try popToMark())
      case UInt8(ascii: "q"): memo[try number(1)] = try top()
      case UInt8(ascii: "r"): memo[try number(4)] = try top()
      case UInt8(ascii: "h"): try recall(try number(1))
      case UInt8(ascii: "j"): try recall(try number(4))
      case UInt8(ascii: "Q"): push(try persistent(try pop()))
      case UInt8(ascii: "R"): try reduce()
      case UInt8(ascii: "b"):
        // The state of a dictionary is torch's note of module versions.
        _ = try pop()
        guard case .dictionary = values[try top()] else { throw fault("state for no dictionary") }
      default:
        throw fault(
          "the pickle has operation 0x\(String(code, radix: 16)), which checkpoints do not need")
      }
    }
  }

  // MARK: Operands

  /// A number of one, two or four bytes.
  private mutating func number(_ size: Int) throws(Fault) -> Int {
    guard size <= bytes.count - place else { throw ended }
    var value = 0
    for index in 0..<size { value |= Int(bytes[place + index]) << (8 * index) }
    place += size
    return value
  }

  private var ended: Fault { fault("the pickle ends within an operation") }

  private mutating func longInteger() throws(Fault) -> Int {
    let size = try number(1)
    guard size <= 8 else { throw fault("an integer of \(size) bytes") }
    guard size > 0 else { return 0 }
    guard size <= bytes.count - place else { throw ended }
    var value: Int64 = 0
    for index in 0..<size { value |= Int64(bytes[place + index]) << (8 * index) }
    place += size
    let unused = 64 - 8 * size
    return Int((value << unused) >> unused)
  }

  private mutating func text(_ count: Int) throws(Fault) -> String {
    guard count <= 4096 else { throw fault("a text of \(count) bytes") }
    guard count <= bytes.count - place else { throw ended }
    let text = Array(bytes[place..<place + count])
    guard isValidUTF8(text) else { throw fault("a text that is not UTF-8") }
    place += count
    return String(decoding: text, as: UTF8.self)
  }

  private mutating func line() throws(Fault) -> String {
    let rest = bytes[place..<min(bytes.count, place + 256)]
    guard let end = rest.firstIndex(of: 0x0a) else { throw fault("a name without an end") }
    let count = end - place
    defer { place += 1 }
    return try text(count)
  }

  private mutating func global() throws(Fault) -> Global {
    let module = try line(), name = try line()
    switch (module, name) {
    case ("collections", "OrderedDict"): return .orderedDictionary
    case ("torch._utils", "_rebuild_tensor_v2"): return .rebuildTensor
    case ("torch", "FloatStorage"): return .storage(.f32)
    case ("torch", "HalfStorage"): return .storage(.f16)
    case ("torch", "BFloat16Storage"): return .storage(.bf16)
    default:
      throw fault(
        "the pickle names \(module).\(name), which a checkpoint of parameters does not need; "
          + "nothing of it was run")
    }
  }

  // MARK: Stack

  private mutating func push(_ value: Value) {
    stack.append(values.count)
    values.append(value)
  }

  private func top() throws(Fault) -> Int {
    guard let top = stack.last, !isMark(top) else { throw fault("nothing to work on") }
    return top
  }

  private mutating func pop() throws(Fault) -> Int {
    let top = try top()
    stack.removeLast()
    return top
  }

  private mutating func pop(_ count: Int) throws(Fault) -> [Int] {
    guard count <= stack.count, !stack.suffix(count).contains(where: isMark) else {
      throw fault("nothing to work on")
    }
    defer { stack.removeLast(count) }
    return Array(stack.suffix(count))
  }

  private mutating func popToMark() throws(Fault) -> [Int] {
    guard let mark = stack.lastIndex(where: isMark) else { throw fault("no mark to go back to") }
    defer { stack.removeSubrange(mark...) }
    return Array(stack[(mark + 1)...])
  }

  private func isMark(_ index: Int) -> Bool {
    if case .mark = values[index] { true } else { false }
  }

  private mutating func recall(_ key: Int) throws(Fault) {
    guard let index = memo[key] else { throw fault("nothing was noted under \(key)") }
    stack.append(index)
  }

  // MARK: Objects

  /// Adds keys and values, one after the other, to the dictionary on top of the stack.
  private mutating func set(_ pairs: [Int]) throws(Fault) {
    let target = try top()
    guard case .dictionary(var members) = values[target], pairs.count % 2 == 0 else {
      throw fault("members for no dictionary")
    }
    values[target] = .none  // so that the members are not copied
    for index in stride(from: 0, to: pairs.count, by: 2) {
      members.append((pairs[index], pairs[index + 1]))
    }
    values[target] = .dictionary(members)
  }

  private func persistent(_ index: Int) throws(Fault) -> Value {
    guard case .tuple(let parts) = values[index], parts.count == 5,
      case .text("storage") = values[parts[0]], case .global(.storage(let type)) = values[parts[1]],
      case .text(let key) = values[parts[2]], case .integer(let count) = values[parts[4]],
      count >= 0
    else { throw fault("a persistent id that is no storage") }
    return .storage(type, key: key, count: count)
  }

  private mutating func reduce() throws(Fault) {
    let operands = try pop(2)
    guard case .tuple(let arguments) = values[operands[1]] else {
      throw fault("a call without arguments")
    }
    switch values[operands[0]] {
    case .global(.orderedDictionary) where arguments.isEmpty: push(.dictionary([]))
    case .global(.rebuildTensor): push(.tensor(try tensor(arguments)))
    default: throw fault("a call of what cannot be called")
    }
  }

  /// Arguments: storage, offset, shape, strides, whether it learns, hooks and, in later versions, more.
  private func tensor(_ arguments: [Int]) throws(Fault) -> PickledTensor {
    guard arguments.count == 6 || arguments.count == 7,
      case .storage(let type, let key, let count) = values[arguments[0]],
      case .integer(let offset) = values[arguments[1]], offset >= 0
    else { throw fault("a tensor that is not described as torch does") }
    let shape = try numbers(arguments[2]), strides = try numbers(arguments[3])
    guard shape.count == strides.count, shape.count <= 8 else {
      throw fault("\(shape.count) extents with \(strides.count) strides")
    }
    var last = offset, elements = 1
    for (extent, stride) in zip(shape, strides) {
      let (product, isTooMuch) = elements.multipliedReportingOverflow(by: extent)
      let (way, isTooFar) = max(0, extent - 1).multipliedReportingOverflow(by: stride)
      let (sum, isBeyond) = last.addingReportingOverflow(way)
      guard !isTooMuch, !isTooFar, !isBeyond else {
        throw fault("a tensor of \(shape) with strides \(strides)")
      }
      (elements, last) = (product, sum)
    }
    // More elements than the storage has would be a small file that asks for any amount of memory.
    guard elements == 0 || (last < count && elements <= count) else {
      throw fault(
        "a tensor of \(shape) with strides \(strides) from \(offset) on; its storage has \(count)")
    }
    return PickledTensor(
      type: type, key: key, storageCount: count, offset: offset, shape: shape, strides: strides)
  }

  private func numbers(_ index: Int) throws(Fault) -> [Int] {
    guard case .tuple(let parts) = values[index] else { throw fault("sizes that are no tuple") }
    var numbers: [Int] = []
    for part in parts {
      guard case .integer(let number) = values[part], number >= 0 else {
        throw fault("a size that is no whole number")
      }
      numbers.append(number)
    }
    return numbers
  }
}
