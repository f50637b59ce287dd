import Glibc

/// Modified Kneser-Ney smoothing as the papers say it, in dictionaries and doubles: slow and plain.
struct KneserNeyReference {
  /// The log10 of the probability, and of the backoff, by n-gram.
  private(set) var entries: [[String]: (probability: Double, backoff: Double?)] = [:]
  private(set) var kept: [Int] = []

  /// `fallback` are the discounts where the counts give none, `allowed` the words of a limited vocabulary.
  init(
    _ sentences: [[String]], order: Int, fallback: [Double]? = nil, prune: [Int] = [],
    allowed: Set<String>? = nil
  ) {
    var numbers = ["<unk>": 0, "<s>": 1, "</s>": 2]
    var raw = [[[String]: Int]](repeating: [:], count: order + 1)
    for sentence in sentences {
      for word in sentence where numbers[word] == nil { numbers[word] = numbers.count }
      let words = ["<s>"] + sentence + ["</s>"]
      for end in 1..<words.count {
        for length in 1...order where length <= end + 1 {
          raw[length][Array(words[(end + 1 - length)...end]), default: 0] += 1
        }
      }
    }
    // How many different words come before.
    var adjusted = raw
    for length in 1..<max(order, 1) {
      var before: [[String]: Int] = [:]
      for gram in raw[length + 1].keys { before[Array(gram.dropFirst()), default: 0] += 1 }
      for gram in raw[length].keys where gram[0] != "<s>" {
        adjusted[length][gram] = before[gram] ?? 0
      }
    }
    adjusted[1][["<unk>"]] = 0
    adjusted[1][["<s>"]] = 0

    func isPruned(_ gram: [String]) -> Bool {
      if gram.count == 1 && (numbers[gram[0]] ?? 0) < 3 { return false }
      let threshold = prune.isEmpty ? 0 : prune[min(gram.count, prune.count) - 1]
      if let allowed, !gram.allSatisfy({ allowed.contains($0) || (numbers[$0] ?? 0) < 3 }) {
        return true
      }
      return (raw[gram.count][gram] ?? 0) <= threshold
    }

    // The statistics of lmplz count what the last n-gram of all ends in by how often it comes.
    func key(_ gram: [String]) -> [Int] { gram.reversed().map { numbers[$0] ?? 0 } }
    let padded =
      raw[order].keys.filter { $0.count == order }
      + (1..<order).flatMap { length in raw[length].keys.filter { $0[0] == "<s>" } }
    let last = padded.max { one, two in
      let left = key(one) + [Int](repeating: 1, count: order - one.count)
      let right = key(two) + [Int](repeating: 1, count: order - two.count)
      return left.lexicographicallyPrecedes(right)
    }
    var discounts: [[Double]] = [[]]
    for length in 1...order {
      var ofCount = [0.0, 0, 0, 0, 0]
      for (gram, count) in adjusted[length] {
        let isLast = length < order && last.map { Array($0.suffix(length)) == gram } ?? false
        let counted = isLast ? raw[length][gram] ?? 0 : count
        if counted < 5 { ofCount[counted] += 1 }
      }
      let y = ofCount[1] / (ofCount[1] + 2 * ofCount[2])
      var amounts = (1...3).map {
        Double($0) - Double($0 + 1) * y * ofCount[$0 + 1] / ofCount[$0]
      }
      let isFine = (0..<3).allSatisfy { amounts[$0] >= 0 && amounts[$0] <= Double($0 + 1) }
      if !isFine || ofCount[1...3].contains(0), let fallback { amounts = fallback }
      discounts.append([0] + amounts)
    }

    var sums: [[String]: (total: Double, free: Double)] = [:]
    for length in 1...order {
      for (gram, count) in adjusted[length] {
        var sum = sums[Array(gram.dropLast())] ?? (0, 0)
        if length > 1 || gram != ["<s>"] {
          sum.total += Double(count)
          sum.free += isPruned(gram) ? Double(count) : discounts[length][min(count, 3)]
        }
        sums[Array(gram.dropLast())] = sum
      }
    }
    let vocabulary = adjusted[1].keys.filter { !isPruned($0) }.count - 1
    func probability(_ gram: [String]) -> Double {
      if gram == ["<s>"] { return 1 }
      if gram.isEmpty { return 1 / Double(vocabulary) }
      let count = adjusted[gram.count][gram] ?? 0
      let sum = sums[Array(gram.dropLast())] ?? (1, 1)
      let own = (Double(count) - discounts[gram.count][min(count, 3)]) / sum.total
      return own + sum.free / sum.total * probability(Array(gram.dropFirst()))
    }
    for length in 1...order {
      let grams = adjusted[length].keys.filter { !isPruned($0) }
      kept.append(grams.count)
      for gram in grams {
        let sum = sums[gram]
        let backoff = length == order ? nil : sum.map { $0.free / $0.total } ?? 1
        entries[gram] = (log10(probability(gram)), backoff.map(log10))
      }
    }
  }
}
