import Ground

/// Numbers on their way into an unnamed file.
///
/// A failure shows when the stream is finished, so that `append` is cheap enough for inner loops; its
/// place lies behind a pointer, as a class's own properties are checked at every use.
@safe final class NumberWriter {
  private let file: UnnamedFile
  private let place: UnsafeMutablePointer<StreamPlace>
  private let room: Room<UInt32>
  private var fault: Fault?

  init(in folder: String) throws(Fault) {
    file = try UnnamedFile(in: folder)
    room = Room(streamRoom)
    unsafe place = .allocate(capacity: 1)
    unsafe place.initialize(to: StreamPlace(next: room.start, end: room.start + streamRoom))
  }

  deinit { unsafe place.deallocate() }

  @inline(__always)
  func append(_ number: UInt32) {
    if unsafe place.pointee.next == place.pointee.end { flush() }
    unsafe place.pointee.next.pointee = number
    unsafe place.pointee.next += 1
  }

  func append(_ numbers: UnsafeBufferPointer<UInt32>) {
    guard let base = numbers.baseAddress else { return }
    var done = 0
    while done < numbers.count {
      if unsafe place.pointee.next == place.pointee.end { flush() }
      let count = unsafe min(numbers.count - done, place.pointee.end - place.pointee.next)
      unsafe place.pointee.next.update(from: base + done, count: count)
      unsafe place.pointee.next += count
      done += count
    }
  }

  @inline(__always)
  func append(_ number: Float) { append(number.bitPattern) }

  @inline(never)
  private func flush() {
    let used = unsafe place.pointee.next - room.start
    unsafe place.pointee.next = room.start
    guard fault == nil else { return }
    do throws(Fault) {
      try unsafe file.append(UnsafeRawBufferPointer(start: room.start, count: 4 * used))
    } catch {
      fault = error
    }
  }

  /// What was written.
  func finish() throws(Fault) -> NumberFile {
    flush()
    if let fault { throw fault }
    return NumberFile(file: file, count: file.size / 4)
  }
}

/// Numbers in an unnamed file.
struct NumberFile {
  fileprivate let file: UnnamedFile
  let count: Int

  func reader() -> NumberReader { NumberReader(self) }
}

/// Reads numbers from the first on; zeros after the last.
///
/// A failure gives zeros, and shows in `check`.
@safe final class NumberReader {
  private let numbers: NumberFile
  /// Where the next number lies: for loops that must not even count references.
  let place: UnsafeMutablePointer<StreamPlace>
  private let room: Room<UInt32>
  private var read = 0
  private var fault: Fault?

  fileprivate init(_ numbers: NumberFile) {
    self.numbers = numbers
    room = Room(streamRoom)
    unsafe place = .allocate(capacity: 1)
    unsafe place.initialize(to: StreamPlace(next: room.start, end: room.start))
  }

  deinit { unsafe place.deallocate() }

  @inline(__always)
  func next() -> UInt32 {
    if unsafe place.pointee.next == place.pointee.end { refill() }
    let number = unsafe place.pointee.next.pointee
    unsafe place.pointee.next += 1
    return number
  }

  @inline(__always)
  func nextFloat() -> Float { Float(bitPattern: next()) }

  /// Reads more numbers, once `place` is at its end.
  @inline(never)
  func refill() {
    let count = min(streamRoom, numbers.count - read)
    if count == 0 || fault != nil {
      room.fill(0, 0..<streamRoom)
      unsafe place.pointee = StreamPlace(next: room.start, end: room.start + streamRoom)
      return
    }
    do throws(Fault) {
      try unsafe numbers.file.read(
        into: UnsafeMutableRawBufferPointer(start: room.start, count: 4 * count), at: 4 * read)
    } catch {
      fault = error
      room.fill(0, 0..<count)
    }
    read += count
    unsafe place.pointee = StreamPlace(next: room.start, end: room.start + count)
  }

  func check() throws(Fault) {
    if let fault { throw fault }
  }
}

/// The part of a stream that is in memory.
@safe struct StreamPlace {
  var next: UnsafeMutablePointer<UInt32>
  var end: UnsafeMutablePointer<UInt32>
}

/// Numbers that a stream holds in memory.
private let streamRoom = 1 << 14
