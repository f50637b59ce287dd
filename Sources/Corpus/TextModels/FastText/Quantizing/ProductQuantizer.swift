internal import CTextModels
internal import Ground

/// Stands for a part of a vector by one of 256 centroids, which k-means finds: a byte a part.
///
/// - SeeAlso: Jégou, Douze, Schmid: Product Quantization for Nearest Neighbor Search (2011);
///   `facebookresearch/fastText` `src/productquantizer.cc`, for the sizes and the rounds.
struct ProductQuantizer: Sendable {
  static let centroidCount = 256
  /// The most points that centroids are found from.
  static let mostPoints = 256 * centroidCount
  static let rounds = 25
  /// How far apart the halves of a split centroid are.
  private static let nudge: Float = 1e-7

  let dim: Int
  /// Dimensions of a part; the last may have fewer.
  let partDim: Int
  /// The centroids of the first part, then those of the next.
  private(set) var centroids: [Float]

  var parts: Int { (dim + partDim - 1) / partDim }

  func size(of part: Int) -> Int { min(partDim, dim - part * partDim) }

  /// Finds the centroids of each part from a sample of points, the same for any number of `jobs`.
  ///
  /// `points(places, part)` gives that part of the points at these places, one behind the other.
  ///
  /// - Precondition: there are at least 256 points.
  init(
    count: Int, dim: Int, partDim: Int, jobs: Int,
    points: (_ places: [Int32], _ columns: Range<Int>) -> [Float]
  ) {
    precondition(count >= Self.centroidCount, "\(count) points for 256 centroids")
    self.dim = dim
    self.partDim = min(partDim, dim)
    centroids = []
    let parts = (dim + self.partDim - 1) / self.partDim
    let jobs = min(jobs, parts)
    let shape = self
    let boxes = inParallel(jobs) { job in
      var found: [Float] = []
      for part in parts * job / jobs..<parts * (job + 1) / jobs {
        var random = SplitMix(seed: UInt64(1234 + part))
        let places = Self.sample(min(count, Self.mostPoints), of: count, &random)
        let first = part * shape.partDim
        let size = shape.size(of: part)
        found += Self.kMeans(points(places, first..<first + size), size: size, &random)
      }
      return found
    }
    for box in boxes { centroids += box.take() }
  }

  /// Writes the codes of `count` points, which lie behind one another: `parts` bytes a point.
  func encode(
    _ points: UnsafePointer<Float>, count: Int, to codes: UnsafeMutablePointer<UInt8>, level: CInt
  ) {
    for part in 0..<parts {
      let size = size(of: part)
      let first = part * partDim
      let table = Self.transposed(centroids[256 * first..<256 * (first + size)], size: size)
      unsafe quipu_training_assign(
        level, points + first, count, size, dim, table, codes + part, parts)
    }
  }

  /// Centroids of points that lie behind one another, after all rounds.
  private static func kMeans(_ points: [Float], size: Int, _ random: inout SplitMix) -> [Float] {
    let count = points.count / size
    let level = quipu_training_best()
    var centroids: [Float] = []
    for place in sample(centroidCount, of: count, &random) {
      centroids += points[Int(place) * size..<(Int(place) + 1) * size]
    }
    var codes = [UInt8](repeating: 0, count: count)
    for _ in 0..<rounds {
      let table = transposed(centroids[...], size: size)
      unsafe quipu_training_assign(level, points, count, size, size, table, &codes, 1)
      centroids = means(points, codes, size: size, &random)
    }
    return centroids
  }

  /// The mean of the points of each code; where a code has none, half of those of another.
  private static func means(
    _ points: [Float], _ codes: [UInt8], size: Int, _ random: inout SplitMix
  ) -> [Float] {
    var sums = [Double](repeating: 0, count: centroidCount * size)
    var counts = [Int](repeating: 0, count: centroidCount)
    for (point, code) in codes.enumerated() {
      counts[Int(code)] += 1
      for column in 0..<size {
        sums[Int(code) * size + column] += Double(points[point * size + column])
      }
    }
    var means = [Float](repeating: 0, count: sums.count)
    for code in 0..<centroidCount where counts[code] > 0 {
      for place in code * size..<(code + 1) * size {
        means[place] = Float(sums[place] / Double(counts[code]))
      }
    }
    for code in 0..<centroidCount where counts[code] == 0 {
      // A code is split the more likely, the more points it has; there is one with two or more.
      var other = 0
      let spare = Double(codes.count - centroidCount)
      while counts[other] < 2 || random.unit() * spare >= Double(counts[other] - 1) {
        other = (other + 1) % centroidCount
        if spare < 1 && counts[other] >= 2 { break }
      }
      if counts[other] < 2 { continue }
      for column in 0..<size {
        let nudge = column % 2 == 0 ? -nudge : nudge
        let mean = means[other * size + column]
        means[code * size + column] = mean + nudge
        means[other * size + column] = mean - nudge
      }
      counts[code] = counts[other] / 2
      counts[other] -= counts[code]
    }
    return means
  }

  /// For each dimension the value of every centroid.
  private static func transposed(_ centroids: ArraySlice<Float>, size: Int) -> [Float] {
    var table = [Float](repeating: 0, count: centroids.count)
    for (place, value) in centroids.enumerated() {
      table[place % size * centroidCount + place / size] = value
    }
    return table
  }

  /// `wanted` different numbers below `count` in random order; all in their order where all are wanted
  /// of more than 256.
  private static func sample(_ wanted: Int, of count: Int, _ random: inout SplitMix) -> [Int32] {
    var numbers = Array(0..<Int32(count))
    if wanted == count && count > centroidCount { return numbers }
    for place in 0..<wanted {
      numbers.swapAt(place, place + random.below(count - place))
    }
    return Array(numbers[..<wanted])
  }
}

extension ProductQuantizer {
  /// The layout: 4 dimensions, 4 parts, 4 dimensions a part, 4 of the last; then the centroids.
  func append(to bytes: inout [UInt8]) {
    for number in [dim, parts, partDim, size(of: parts - 1)] { bytes.append(little: Int32(number)) }
    for centroid in centroids { bytes.append(little: centroid.bitPattern) }
  }
}
