import CTextModels
import Ground

/// Sorts records by bits of their keys, in memory as long as they fit into it.
@safe final class RecordSorter {
  private var room: Room<quipu_record>
  private let place: UnsafeMutablePointer<Place>
  private let capacity: Int
  private let total: Int
  private let bits: Range<Int>
  private let isDense: Bool
  private let settings: KneserNeySettings
  private let memory: Int
  private var spilled: RecordRuns?
  private var fault: Fault?

  @safe private struct Place {
    var next: UnsafeMutablePointer<quipu_record>
    var end: UnsafeMutablePointer<quipu_record>
  }

  /// Makes room for `count` records, or as many as `memory` bytes have.
  ///
  /// `isDense` says that the upper halves of the keys are all numbers below `count`.
  init(_ count: Int, bits: Range<Int>, isDense: Bool, memory: Int, _ settings: KneserNeySettings) {
    self.bits = bits
    self.isDense = isDense
    self.memory = memory
    self.settings = settings
    // Half of the memory is for the other room that sorting needs.
    capacity = max(1, min(count, memory / 32))
    total = count
    room = Room(capacity)
    unsafe quipu_huge_pages(room.start, 16 * capacity)
    unsafe place = .allocate(capacity: 1)
    unsafe place.initialize(to: Place(next: room.start, end: room.start + capacity))
  }

  deinit { unsafe place.deallocate() }

  @inline(__always)
  func append(_ record: quipu_record) {
    if unsafe place.pointee.next == place.pointee.end { spill() }
    unsafe place.pointee.next.pointee = record
    unsafe place.pointee.next += 1
  }

  @inline(never)
  private func spill() {
    let count = unsafe place.pointee.next - room.start
    unsafe place.pointee.next = room.start
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
    var other = Room<quipu_record>(count)
    unsafe quipu_huge_pages(other.start, 16 * count)
    if isDense && spilled == nil && count == total {
      for index in 0..<count {
        let record = room[index]
        other[Int(record.key >> 32)] = record
      }
      swap(&room, &other)
      return
    }
    let sorted = unsafe quipu_records_sort(
      room.start, other.start, count, Int32(bits.lowerBound), Int32(bits.upperBound))
    if unsafe sorted == other.start {
      if count == room.capacity {
        swap(&room, &other)
        unsafe place.pointee = Place(next: room.start, end: room.start + capacity)
      } else {
        unsafe room.start.update(from: sorted, count: count)
      }
    }
  }

  /// What was added, in order.
  func finish() throws(Fault) -> SortedRecords {
    let count = unsafe place.pointee.next - room.start
    if spilled == nil {
      sort(count)
      var sorted = Room<quipu_record>(1)
      swap(&room, &sorted)
      return SortedRecords(room: sorted, count: count, merge: nil)
    }
    if count > 0 { spill() }
    room = Room(1)
    if let fault { throw fault }
    guard let spilled else { return SortedRecords(room: Room(1), count: 0, merge: nil) }
    let most = max(2, min(settings.mostRuns, memory / (1 << 16)))
    let runs = try spilled.reduced(to: most, memory: memory, folder: settings.temporaryFolder)
    return SortedRecords(
      room: Room(1), count: 0, merge: RecordMerge(runs, memory: memory))
  }
}

/// Records in order, from memory or merged from runs.
@safe final class SortedRecords {
  private let room: Room<quipu_record>
  private var count: Int
  private let merge: RecordMerge?

  init(room: consuming Room<quipu_record>, count: Int, merge: RecordMerge?) {
    self.room = room
    self.count = count
    self.merge = merge
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
    return unsafe UnsafeBufferPointer(start: room.start, count: count)
  }
}
