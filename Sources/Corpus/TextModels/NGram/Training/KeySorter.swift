import CTextModels
import Ground

/// Sorts records by bits of their keys, in memory as long as they fit into a room.
@safe final class KeySorter {
  private let rooms: SortingRooms
  private var room: Room<quipu_record>
  private let place: UnsafeMutablePointer<Place>
  private let bits: Range<Int>
  private let denseCount: Int?
  private let settings: KneserNeySettings
  private var spilled: RecordRuns?
  private var fault: Fault?

  @safe private struct Place {
    var next: UnsafeMutablePointer<quipu_record>
    var end: UnsafeMutablePointer<quipu_record>
  }

  /// Sorts by the given bits; `denseCount` says that the upper halves of the keys will be all the numbers
  /// below it.
  init(
    bits: Range<Int>, denseCount: Int? = nil, _ rooms: SortingRooms, _ settings: KneserNeySettings
  ) {
    self.rooms = rooms
    self.bits = bits
    self.denseCount = denseCount
    self.settings = settings
    room = rooms.take()
    unsafe place = .allocate(capacity: 1)
    unsafe place.initialize(to: Place(next: room.start, end: room.start + rooms.size))
  }

  deinit { unsafe place.deallocate() }

  @inline(__always)
  func append(_ record: quipu_record) {
    if unsafe place.pointee.next == place.pointee.end { spill() }
    unsafe place.pointee.next.pointee = record
    unsafe place.pointee.next += 1
  }

  private var count: Int { unsafe place.pointee.next - room.start }

  @inline(never)
  private func spill() {
    let count = count
    defer { unsafe place.pointee = Place(next: room.start, end: room.start + rooms.size) }
    guard fault == nil else { return }
    do throws(Fault) {
      if spilled == nil {
        spilled = try RecordRuns(in: settings.temporaryFolder, width: 4, rule: .keys)
      }
      sort(count)
      try unsafe spilled?.file.append(
        UnsafeRawBufferPointer(start: room.start, count: 16 * count))
      spilled?.endRun()
    } catch {
      fault = error
    }
  }

  /// Sorts the first `count` records of the room.
  private func sort(_ count: Int) {
    var other = rooms.take()
    if count == denseCount {
      for index in 0..<count {
        let record = room[index]
        other[Int(record.key >> 32)] = record
      }
      swap(&room, &other)
    } else {
      let sorted = unsafe quipu_records_sort(
        room.start, other.start, count, Int32(bits.lowerBound), Int32(bits.upperBound))
      if unsafe sorted == other.start { swap(&room, &other) }
    }
    rooms.give(other)
  }

  /// What was added, in order; the sorter is empty then.
  func finish() throws(Fault) -> SortedRecords {
    let count = count
    if spilled == nil {
      sort(count)
    } else if count > 0 {
      spill()
    }
    var full = Room<quipu_record>(1)
    swap(&room, &full)
    unsafe place.pointee = Place(next: room.start, end: room.start)
    if let fault { throw fault }
    guard let spilled else { return SortedRecords(full, count: count, rooms) }
    rooms.give(full)
    // As much memory as a room has.
    let memory = 16 * rooms.size
    let most = max(2, min(settings.mostRuns, memory / (1 << 16)))
    let runs = try spilled.reduced(to: most, memory: memory, folder: settings.temporaryFolder)
    return SortedRecords(RecordMerge(runs, memory: memory), rooms)
  }
}

/// Records in order, from memory or merged from runs.
@safe final class SortedRecords {
  private var room: Room<quipu_record>?
  private var count: Int
  private let merge: RecordMerge?
  private let rooms: SortingRooms

  init(_ room: consuming Room<quipu_record>, count: Int, _ rooms: SortingRooms) {
    self.room = consume room
    self.count = count
    merge = nil
    self.rooms = rooms
  }

  init(_ merge: RecordMerge, _ rooms: SortingRooms) {
    room = nil
    count = 0
    self.merge = merge
    self.rooms = rooms
  }

  deinit {
    if let room = room.take() { rooms.give(room) }
  }

  /// The next records; nil after the last.
  ///
  /// They stay until the next call.
  func next() throws(Fault) -> UnsafeBufferPointer<quipu_record>? {
    if let merge {
      guard let batch = try unsafe merge.next() else { return nil }
      return unsafe UnsafeRawBufferPointer(batch).assumingMemoryBound(to: quipu_record.self)
    }
    guard count > 0 else { return nil }
    defer { count = 0 }
    switch room {
    case .some(let room): return unsafe UnsafeBufferPointer(start: room.start, count: count)
    case .none: return nil
    }
  }
}
