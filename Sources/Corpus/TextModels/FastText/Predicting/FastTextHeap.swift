import Glibc

/// The best labels of a text, the worst of them first.
///
/// A binary heap that moves its elements as `push_heap`, `pop_heap` and `sort_heap` of libstdc++ do:
/// of labels with equal scores the program's answer depends on this, and so does ours.
struct FastTextHeap {
  struct Element {
    var score: Float
    var label: Int32
  }

  private(set) var elements: [Element] = []
  /// The most elements.
  private var limit = 1

  mutating func start(limit: Int) {
    elements.removeAll(keepingCapacity: true)
    self.limit = limit
  }

  var isFull: Bool { elements.count == limit }

  /// The lowest score that is kept; only where it is full.
  @inline(__always)
  var worst: Float { elements[0].score }

  /// Takes an element, and drops the worst where that is one too many.
  mutating func push(_ score: Float, _ label: Int32) {
    let element = Element(score: score, label: label)
    elements.append(element)
    rise(from: elements.count - 1, to: 0, element)
    if elements.count > limit {
      pop(elements.count)
      elements.removeLast()
    }
  }

  /// Puts the elements in order, the best first.
  mutating func sort() {
    var count = elements.count
    while count > 1 {
      pop(count)
      count -= 1
    }
  }

  /// Moves the first of `count` elements to their end, and makes a heap of the others.
  private mutating func pop(_ count: Int) {
    let last = elements[count - 1]
    elements[count - 1] = elements[0]
    sink(last, count - 1)
  }

  /// Moves the hole at the front down to the bottom, always to the worse child, and the element up
  /// from there.
  private mutating func sink(_ element: Element, _ count: Int) {
    var hole = 0
    while 2 * hole + 2 < count {
      var child = 2 * hole + 2
      if elements[child].score > elements[child - 1].score { child -= 1 }
      elements[hole] = elements[child]
      hole = child
    }
    if 2 * hole + 2 == count {
      elements[hole] = elements[count - 1]
      hole = count - 1
    }
    rise(from: hole, to: 0, element)
  }

  private mutating func rise(from start: Int, to top: Int, _ element: Element) {
    var hole = start
    while hole > top, elements[(hole - 1) / 2].score > element.score {
      elements[hole] = elements[(hole - 1) / 2]
      hole = (hole - 1) / 2
    }
    elements[hole] = element
  }
}
