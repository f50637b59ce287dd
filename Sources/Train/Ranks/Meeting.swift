import Compute
import Ground

/// What ranks that are threads of one process share: one lock, and the fault that ended them.
///
/// One for a group and all that it is split into, so that a fault wakes whoever waits anywhere.
final class Hall: @unchecked Sendable {
  let changed = Condition()
  /// Read and written under `changed`.
  private(set) var fault: Fault?

  func abort(_ fault: Fault) {
    changed.signal {
      if self.fault == nil { self.fault = fault }
    }
  }
}

/// Where threads wait for one another and lay out what the others are to see.
final class Meeting<Scalar: Real>: @unchecked Sendable {
  /// What a rank lays out for the others.
  enum Item: Sendable {
    case view(View<Scalar>)
    case numbers([Double])
    case meeting(Meeting)
    case nothing
  }

  let ranks: Int
  let hall: Hall
  private var arrived = 0
  private var round = 0
  private var items: [Item]
  /// Values on their way, oldest first, by sender and receiver.
  private var mail: [[View<Scalar>]]

  init(ranks: Int, hall: Hall) {
    self.ranks = ranks
    self.hall = hall
    items = Array(repeating: .nothing, count: ranks)
    mail = Array(repeating: [], count: ranks * ranks)
  }

  /// Waits until all ranks have come.
  func meet() throws(Fault) { try meet {} }

  /// Every rank's view, in their order; the views may be used until the next `meet`.
  func exchange(view: View<Scalar>, rank: Int) throws(Fault) -> [View<Scalar>] {
    let views = try exchange(.view(view), rank: rank).compactMap {
      if case .view(let view) = $0 { view } else { nil }
    }
    precondition(
      views.count == ranks && views.allSatisfy { $0.count == view.count },
      "ranks call with different sizes: \(views.map(\.count))")
    return views
  }

  /// Every rank's numbers, in their order.
  func exchange(numbers: [Double], rank: Int) throws(Fault) -> [[Double]] {
    let all = try exchange(.numbers(numbers), rank: rank).compactMap {
      if case .numbers(let numbers) = $0 { numbers } else { nil }
    }
    precondition(
      all.count == ranks && all.allSatisfy { $0.count == numbers.count },
      "ranks call with different sizes: \(all.map(\.count))")
    try meet()  // nobody lays out new numbers before all have read these
    return all
  }

  /// Every rank's meeting, where it has laid one out.
  func exchange(meeting: Meeting?, rank: Int) throws(Fault) -> [Meeting?] {
    let all = try exchange(meeting.map { .meeting($0) } ?? .nothing, rank: rank)
    try meet()
    return all.map { if case .meeting(let meeting) = $0 { meeting } else { nil } }
  }

  /// Keeps a copy of the values for the receiver.
  func post(_ values: View<Scalar>, from: Int, to: Int) throws(Fault) {
    let copy = Arena<Scalar>(count: values.count).all
    copy.copy(from: values)
    try hall.changed.signal { () -> Result<Void, Fault> in
      if let fault = hall.fault { return .failure(fault) }
      mail[from * ranks + to].append(copy)
      return .success(())
    }.get()
  }

  /// Waits for the next values from a rank.
  func collect(from: Int, to: Int) throws(Fault) -> View<Scalar> {
    try hall.changed.wait { () -> Result<View<Scalar>, Fault>? in
      if let fault = hall.fault { return .failure(fault) }
      let slot = from * ranks + to
      return mail[slot].isEmpty ? nil : .success(mail[slot].removeFirst())
    }.get()
  }

  private func exchange(_ mine: Item, rank: Int) throws(Fault) -> [Item] {
    try meet { items[rank] = mine }
    return hall.changed.locked { items }
  }

  private func meet(_ layOut: () -> Void) throws(Fault) {
    let mine = try hall.changed.signal { () -> Result<Int, Fault> in
      if let fault = hall.fault { return .failure(fault) }
      layOut()
      let mine = round
      arrived += 1
      if arrived == ranks {
        arrived = 0
        round += 1
      }
      return .success(mine)
    }.get()
    try hall.changed.wait {
      round == mine ? hall.fault.map { .failure($0) } : Result.success(())
    }.get()
  }
}
