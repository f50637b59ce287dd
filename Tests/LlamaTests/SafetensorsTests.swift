import Compute
import Ground
import Llama
import TestSupport
import Testing

@Suite struct SafetensorsTests {
  static func bytes(header: String, data: Int) -> [UInt8] {
    let header = Array(header.utf8)
    return (0..<8).map { UInt8(truncatingIfNeeded: header.count >> (8 * $0)) } + header
      + [UInt8](repeating: 0, count: data)
  }

  static func tensors() -> [TensorToStore] {
    let arena = Arena<Float>(count: 10)
    arena.all.copy(from: (0..<10).map { Float($0) / 3 - 1 })
    return [
      TensorToStore(name: "a.weight", shape: [2, 3], values: arena.view(0, 6)),
      TensorToStore(name: "\"b\"", shape: [4], values: arena.view(6, 4)),
    ]
  }

  @Test(arguments: [(ElementType.f32, 0.0), (.bf16, 0x1p-8)])
  func whatIsWrittenIsRead(type: ElementType, tolerance: Double) throws {
    let folder = try TemporaryFolder()
    let path = "\(folder.path)/a.safetensors"
    let stored = Self.tensors()
    try writeSafetensors(stored, as: type, to: path)
    let file = try SafetensorsFile(path: path)
    #expect(file.tensors.map(\.name) == ["a.weight", "\"b\""])
    #expect(file.tensors.map(\.type) == [type, type])
    #expect(file.tensors[0].range.lowerBound % 8 == 0, "data is aligned")
    for tensor in stored {
      let read = Arena<Float>(count: tensor.values.count).all
      try file.read(tensor.name, shape: tensor.shape, into: read)
      for (a, b) in zip(read.array, tensor.values.array) {
        #expect(abs(Double(a) - Double(b)) <= tolerance * abs(Double(b)))
      }
    }
    let room = Arena<Float>(count: 6).all
    #expect(throws: Fault.self) { try file.read("c", shape: [6], into: room) }
    #expect(throws: Fault.self) { try file.read("a.weight", shape: [3, 2], into: room) }
  }

  @Test func everyTruncationIsRefused() throws {
    let folder = try TemporaryFolder()
    let path = "\(folder.path)/a.safetensors"
    try writeSafetensors(Self.tensors(), as: .f32, to: path)
    let file = try MappedFile(path: path)
    let whole = unsafe file.withBytes { unsafe Array($0) }
    for count in 0..<whole.count {
      let cut = try folder.write(Array(whole[..<count]), to: "cut")
      #expect(throws: Fault.self) { try SafetensorsFile(path: cut) }
    }
    let longer = try folder.write(whole + [0], to: "longer")
    #expect(throws: Fault.self) { try SafetensorsFile(path: longer) }
  }

  @Test(arguments: [
    (#"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,4]}}"#, 4, "has 4 bytes"),
    (#"{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,8]}}"#, 4, "beyond the 4 bytes"),
    (#"{"a":{"dtype":"F32","shape":[1],"data_offsets":[4,0]}}"#, 4, "beyond the 4 bytes"),
    (#"{"a":{"dtype":"F32","shape":[1],"data_offsets":[-4,0]}}"#, 4, "no data_offsets"),
    (#"{"a":{"dtype":"F32","shape":[1],"data_offsets":["0","4"]}}"#, 4, "no data_offsets"),
    (#"{"a":{"dtype":"F32","shape":[1.5],"data_offsets":[0,4]}}"#, 4, "no shape"),
    (#"{"a":{"dtype":"F31","shape":[1],"data_offsets":[0,4]}}"#, 4, "no known dtype"),
    (#"{"a":{"shape":[1],"data_offsets":[0,4]}}"#, 4, "no known dtype"),
    (#"{"a":3}"#, 0, "no known dtype"),
    (
      #"{"a":{"dtype":"F32","shape":[4611686018427387904,4],"data_offsets":[0,0]}}"#, 0,
      "a is [4611686018427387904, 4]"
    ),
    (
      #"{"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]},"#
        + #""b":{"dtype":"U8","shape":[2],"data_offsets":[1,3]}}"#, 3, "overlap before b"
    ),
    (
      #"{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"#
        + #""b":{"dtype":"U8","shape":[1],"data_offsets":[2,3]}}"#, 3, "a gap"
    ),
    (
      #"{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"#
        + #""a":{"dtype":"U8","shape":[1],"data_offsets":[1,2]}}"#, 2, "a name comes twice"
    ),
    (#"{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}}"#, 2, "1 bytes after the last"),
    (#"[1]"#, 0, "does not begin with {"),
    (#" {}"#, 0, "does not begin with {"),
    (#"{"a":"#, 0, "no JSON"),
  ])
  func hostileHeadersAreRefused(header: String, data: Int, message: String) throws {
    let folder = try TemporaryFolder()
    let path = try folder.write(Self.bytes(header: header, data: data), to: "a")
    #expect {
      try SafetensorsFile(path: path)
    } throws: {
      "\($0)".contains(message)
    }
  }

  @Test func aHugeHeaderLengthIsRefused() throws {
    let folder = try TemporaryFolder()
    for length: [UInt8] in [
      [UInt8](repeating: 255, count: 8), [0, 0, 0, 0, 0, 0, 0, 0x80], [1, 0, 0, 8, 0, 0, 0, 0],
    ] {
      let path = try folder.write(length + Array("{}".utf8), to: "a")
      #expect(throws: Fault.self) { try SafetensorsFile(path: path) }
    }
  }

  @Test func deepHeadersAreRefused() throws {
    let folder = try TemporaryFolder()
    let deep = #"{"a":"# + String(repeating: "[", count: 1_000_000)
    let path = try folder.write(Self.bytes(header: deep, data: 0), to: "a")
    #expect(throws: Fault.self) { try SafetensorsFile(path: path) }
  }

  @Test func emptyTensorsAndScalarsAreFine() throws {
    let folder = try TemporaryFolder()
    let header =
      #"{"__metadata__":{"a":"b"},"s":{"dtype":"F32","shape":[],"data_offsets":[0,4]},"#
      + #""e":{"dtype":"I64","shape":[0,5],"data_offsets":[0,0]}}"#
    let path = try folder.write(Self.bytes(header: header, data: 4), to: "a")
    let file = try SafetensorsFile(path: path)
    #expect(file.tensors.map(\.name) == ["e", "s"])
    #expect(file["s"]?.count == 1)
  }

  /// One above the middle goes up, the middle goes to the even neighbour.
  @Test(arguments: [
    (UInt32(0x3f80_0000), UInt16(0x3f80)), (0x3f80_8000, 0x3f80), (0x3f80_8001, 0x3f81),
    (0x3f81_8000, 0x3f82), (0x7f80_0000, 0x7f80), (0x7f7f_ffff, 0x7f80), (0xff80_0001, 0xffc0),
    (0x0000_8001, 0x0001),
  ])
  func bfloat16RoundsToEven(bits: UInt32, expected: UInt16) {
    #expect(bfloat16(Float(bitPattern: bits)) == expected)
  }

  @Test(arguments: [
    (UInt16(0x3c00), Float(1)), (0xc000, -2), (0x0001, 0x1p-24), (0x0400, 0x1p-14),
    (0x7bff, 65504), (0x7c00, .infinity), (0x8000, -0.0), (0x3555, 0.333251953125),
  ])
  func float16IsExact(bits: UInt16, expected: Float) {
    #expect(float(fromFloat16: bits).bitPattern == expected.bitPattern)
  }
}
