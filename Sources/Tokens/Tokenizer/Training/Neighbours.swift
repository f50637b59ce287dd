/// A place in the text, and how often the unit it is in came.
struct Site {
  var place: UInt32
  var weight: UInt32
}

/// What stands beside the places where a pair was joined, summed by symbol and side.
struct Neighbours: ~Copyable {
  /// A symbol on one side: twice its number, and one more on the right.
  struct Slot {
    var bits: UInt32

    @inline(__always)
    init(_ symbol: UInt32, isRight: Bool) { bits = symbol << 1 | (isRight ? 1 : 0) }

    var symbol: UInt32 { bits >> 1 }
    var isRight: Bool { bits & 1 != 0 }
  }

  struct Sum {
    var weight = 0
    var sites: UInt32 = 0
    /// Where the next site is to be written, or `nowhere`.
    var target = nowhere
  }

  static let nowhere = UInt32.max

  /// What was seen, in the order in which it came.
  private(set) var slots = FlatArray<Slot>()
  /// By the bits of a slot.
  private var sums = FlatArray<Sum>()
  private var sites = FlatArray<(slot: Slot, site: Site)>()

  /// Forgets everything, and makes room for the numbers of `count` symbols.
  mutating func begin(symbols count: Int) {
    for index in 0..<slots.count { sums[Int(slots[index].bits)] = Sum() }
    slots.removeAll()
    sites.removeAll()
    if sums.count < 2 * count { sums.append(repeating: Sum(), count: 2 * count - sums.count) }
  }

  @inline(__always)
  mutating func note(_ slot: Slot, _ site: Site) {
    var sum = sums[Int(slot.bits)]
    if sum.sites == 0 { slots.append(slot) }
    sum.weight &+= Int(site.weight)
    sum.sites &+= 1
    sums[Int(slot.bits)] = sum
    sites.append((slot, site))
  }

  @inline(__always)
  func sum(of slot: Slot) -> Sum { sums[Int(slot.bits)] }

  mutating func setTarget(of slot: Slot, _ target: UInt32) { sums[Int(slot.bits)].target = target }

  /// Writes to `list` where the pairs with a target begin: on the left, `spans` places earlier.
  @inline(__always)
  mutating func write(to list: inout FlatArray<Site>, _ spans: borrowing FlatArray<UInt32>) {
    for index in 0..<sites.count {
      let (slot, site) = sites[index]
      let target = sums[Int(slot.bits)].target
      if target == Self.nowhere { continue }
      let back = slot.isRight ? 0 : spans[Int(slot.symbol)]
      list[Int(target)] = Site(place: site.place &- back, weight: site.weight)
      sums[Int(slot.bits)].target = target &+ 1
    }
  }
}
