import CCUDA
import CUDA
import CUDAEmulator
import Testing

/// The emulated driver, called as the engine calls it.
@safe private struct Driver {
  let table: quipu_driver

  init(device: Int32 = 0) {
    var driver = quipu_driver(), compiler = quipu_compiler(), product = quipu_product()
    var attention = quipu_attention(), collective = quipu_collective()
    unsafe quipu_emulate(&driver, &compiler, &product, &attention, &collective)
    table = driver
    enter(device)
  }

  func enter(_ device: Int32) {
    var context: UnsafeMutableRawPointer?
    unsafe _ = table.retain_context?(&context, device)
    unsafe _ = table.set_context?(context)
  }

  func leave() { _ = table.set_context?(nil) }

  /// A stream or an event, as a number.
  func stream() -> UInt {
    var made: UnsafeMutableRawPointer?
    unsafe _ = table.create_stream?(&made, 1)
    return UInt(bitPattern: made)
  }

  func event(flags: UInt32 = 0) -> UInt {
    var made: UnsafeMutableRawPointer?
    unsafe _ = table.create_event?(&made, flags)
    return UInt(bitPattern: made)
  }

  func memory(_ bytes: Int) -> UInt64 {
    var address: UInt64 = 0
    unsafe _ = table.allocate?(&address, bytes)
    return address
  }

  func pinned(_ bytes: Int) -> UnsafeMutableRawPointer? {
    var start: UnsafeMutableRawPointer?
    unsafe _ = table.allocate_pinned?(&start, bytes, 0)
    return unsafe start
  }

  func allocate() -> Int32? {
    var address: UInt64 = 0
    return unsafe table.allocate?(&address, 256)
  }

  func call(
    _ function: (@convention(c) (UnsafeMutableRawPointer?) -> Int32)?, _ handle: UInt
  ) -> Int32? {
    unsafe function?(UnsafeMutableRawPointer(bitPattern: handle))
  }

  func synchronise(_ stream: UInt) -> Int32? { unsafe call(table.synchronise, stream) }

  func record(_ event: UInt, _ stream: UInt) -> Int32? {
    unsafe table.record?(
      UnsafeMutableRawPointer(bitPattern: event), UnsafeMutableRawPointer(bitPattern: stream))
  }

  func wait(_ stream: UInt, for event: UInt) -> Int32? {
    unsafe table.wait_for?(
      UnsafeMutableRawPointer(bitPattern: stream), UnsafeMutableRawPointer(bitPattern: event), 0)
  }

  func fill(_ address: UInt64, _ value: UInt8, _ bytes: Int, _ stream: UInt) -> Int32? {
    unsafe table.fill?(address, value, bytes, UnsafeMutableRawPointer(bitPattern: stream))
  }

  func begin(_ stream: UInt) -> Int32? {
    unsafe table.begin_capture?(UnsafeMutableRawPointer(bitPattern: stream), 1)
  }

  /// What ending the capture gives; the graph is let go.
  func end(_ stream: UInt) -> Int32? {
    var graph: UnsafeMutableRawPointer?
    let code = unsafe table.end_capture?(UnsafeMutableRawPointer(bitPattern: stream), &graph)
    unsafe _ = table.destroy_graph?(graph)
    return code
  }

  func bytes(_ count: Int, at address: UInt64, _ stream: UInt) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: count)
    unsafe bytes.withUnsafeMutableBytes { room in
      unsafe _ = table.copy_to_host?(
        room.baseAddress, address, count, UnsafeMutableRawPointer(bitPattern: stream))
    }
    return bytes
  }
}

extension EmulatedTests {
  /// That the emulated device refuses and delays what a real one does.
  @Suite struct EmulatorTests {
    @Test func callsNeedAContext() {
      let driver = Driver()
      driver.leave()
      #expect(driver.allocate() == 201)
      driver.enter(3)
      #expect(driver.allocate() == 0)
    }

    @Test func streamsBelongToTheirDevice() {
      let driver = Driver(device: 1)
      let stream = driver.stream(), event = driver.event(), memory = driver.memory(256)
      driver.enter(2)
      #expect(driver.fill(memory, 0, 256, stream) == 400)
      #expect(driver.record(driver.event(), stream) == 400)
      #expect(driver.wait(driver.stream(), for: event) == 0)
      #expect(driver.synchronise(0xDEAD) == 400)
    }

    @Test func memoryOfAnotherDeviceBreaksTheContext() throws {
      let mine = try EmulatedDevice.engine(4), other = try EmulatedDevice.engine(5)
      let ours = try mine.memory([1, 2]), theirs = try other.memory([3, 4])
      mine.add(theirs, to: ours)
      #expect(throws: CUDAError.self) { try mine.stream.synchronise() }
      #expect(other.download(theirs) == [3, 4])
    }

    @Test func aDeviceThatIsNotThereIsNamed() {
      #expect {
        try EmulatedDevice.make(8)
      } throws: {
        "\($0)"
          == "cuDeviceGetCount: no device 8, counted from 0, among 8: each rank of a machine needs one"
      }
    }

    @Test func everyDeviceCountsItsMemory() throws {
      let first = try EmulatedDevice.make(6), second = try EmulatedDevice.make(7)
      let free = second.freeMemory
      let engine = try EmulatedDevice.engine(6)
      let before = first.freeMemory
      let memory = try engine.allocate(1 << 20, .f32)
      #expect(before - first.freeMemory == memory.bytes)
      #expect(second.freeMemory == free)
    }

    /// A pinned buffer is read when the stream comes to it, any other when the call is made.
    @Test(arguments: [true, false]) func copiesAreLater(isPinned: Bool) {
      let driver = Driver(), stream = driver.stream(), other = driver.stream()
      let gate = driver.event(), memory = driver.memory(4)
      quipu_emulate_delays(2)
      defer { quipu_emulate_delays(0) }
      for _ in 0..<200 { _ = driver.fill(memory, 0, 4, other) }
      _ = driver.record(gate, other)
      _ = driver.wait(stream, for: gate)
      let pinned = unsafe driver.pinned(4)
      var plain: [UInt8] = [1, 1, 1, 1]
      unsafe pinned?.storeBytes(of: 0x0101_0101, as: UInt32.self)
      let handle = unsafe UnsafeMutableRawPointer(bitPattern: stream)
      if isPinned {
        unsafe _ = driver.table.copy_to_device?(memory, pinned, 4, handle)
      } else {
        unsafe _ = driver.table.copy_to_device?(memory, plain, 4, handle)
      }
      #expect(unsafe driver.call(driver.table.query, stream) == 600)
      unsafe pinned?.storeBytes(of: 0x0202_0202, as: UInt32.self)
      plain = [2, 2, 2, 2]
      let expected: UInt8 = isPinned ? 2 : 1
      #expect(driver.bytes(4, at: memory, stream) == Array(repeating: expected, count: 4))
      unsafe _ = driver.table.free_pinned?(pinned)
    }

    @Test func freeingWaitsForTheDevice() {
      let driver = Driver(), stream = driver.stream(), memory = driver.memory(1 << 16)
      quipu_emulate_delays(1)
      defer { quipu_emulate_delays(0) }
      for value in 0..<50 { _ = driver.fill(memory, UInt8(value), 1 << 16, stream) }
      #expect(driver.table.free?(memory) == 0)
      #expect(driver.table.free?(memory) == 1)
      #expect(unsafe driver.call(driver.table.query, stream) == 0)
    }

    @Test func timesAreOfTheStream() {
      let driver = Driver(), stream = driver.stream(), memory = driver.memory(256)
      let from = driver.event(), to = driver.event(), untimed = driver.event(flags: 2)
      func elapsed(_ from: UInt, _ to: UInt) -> (Int32?, Float) {
        var time: Float = -1
        let code = unsafe driver.table.elapsed?(
          &time, UnsafeMutableRawPointer(bitPattern: from), UnsafeMutableRawPointer(bitPattern: to))
        return (code, time)
      }
      #expect(elapsed(from, to).0 == 400)
      _ = driver.record(from, stream)
      _ = driver.fill(memory, 0, 256, stream)
      _ = driver.record(to, stream)
      _ = driver.record(untimed, stream)
      #expect(unsafe driver.call(driver.table.synchronise_event, to) == 0)
      #expect(elapsed(from, to).0 == 0 && elapsed(from, to).1 >= 0)
      #expect(elapsed(from, untimed).0 == 400)
    }
  }
}

extension EmulatedTests {
  /// What may not be recorded, with CUDA's codes.
  @Suite struct CaptureTests {
    @Test func aForkMustBeJoined() {
      let driver = Driver(), stream = driver.stream(), side = driver.stream()
      let memory = driver.memory(256), fork = driver.event(flags: 2), join = driver.event(flags: 2)
      for isJoined in [true, false] {
        #expect(driver.begin(stream) == 0)
        #expect(driver.record(fork, stream) == 0)
        #expect(driver.wait(side, for: fork) == 0)
        #expect(driver.fill(memory, 1, 256, side) == 0)
        #expect(driver.record(join, side) == 0)
        if isJoined { #expect(driver.wait(stream, for: join) == 0) }
        #expect(driver.end(stream) == (isJoined ? 0 : 904))
      }
      #expect(driver.synchronise(side) == 0)
    }

    @Test func waitingSpoilsIt() {
      let driver = Driver(), stream = driver.stream(), event = driver.event()
      #expect(driver.begin(stream) == 0)
      #expect(driver.begin(stream) == 401)
      #expect(driver.synchronise(stream) == 900)
      #expect(driver.fill(driver.memory(4), 0, 4, stream) == 1)
      #expect(driver.end(stream) == 901)
      #expect(driver.end(stream) == 401)
      #expect(driver.begin(stream) == 0)
      #expect(driver.record(event, stream) == 0)
      #expect(unsafe driver.call(driver.table.synchronise_event, event) == 907)
      #expect(driver.end(stream) == 901)
    }

    @Test func takingMemorySpoilsIt() {
      let driver = Driver(), stream = driver.stream()
      #expect(driver.begin(stream) == 0)
      #expect(driver.allocate() == 900)
      #expect(driver.end(stream) == 901)
      #expect(driver.allocate() == 0)
    }

    @Test func capturesStayApart() {
      let driver = Driver(), stream = driver.stream(), side = driver.stream()
      let outside = driver.event(), inside = driver.event()
      #expect(driver.record(outside, side) == 0)
      #expect(driver.begin(stream) == 0)
      #expect(driver.wait(stream, for: outside) == 905)
      #expect(driver.end(stream) == 901)
      #expect(driver.begin(stream) == 0 && driver.begin(side) == 0)
      #expect(driver.record(inside, side) == 0)
      #expect(driver.wait(stream, for: inside) == 902)
      #expect(driver.end(stream) == 901 && driver.end(side) == 901)
    }

    @Test func aForkIsEndedWhereItBegan() {
      let driver = Driver(), stream = driver.stream(), side = driver.stream()
      let fork = driver.event()
      #expect(driver.begin(stream) == 0)
      #expect(driver.record(fork, stream) == 0 && driver.wait(side, for: fork) == 0)
      #expect(driver.end(side) == 903)
      #expect(driver.end(stream) == 901)
    }
  }
}
