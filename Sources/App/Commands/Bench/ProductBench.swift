import Compute
import Ground
import Llama

/// Something done in a second: of the clock, and of processor time of all threads together.
struct Rate {
  var wall: Double
  var cpu: Double
}

/// The large products of a model's training step, alone, on the CPU.
struct ProductBench {
  /// A product of a forward or backward pass.
  struct Product {
    enum Kind { case forward, inputs, weights }
    let name: String
    let kind: Kind
    let T, I, O: Int
  }

  let config: LlamaConfig
  /// Of a step.
  let tokens: Int
  let engine: Processor<Float>

  /// The linear layers, each in its three products; the head with the rows of logits of a chunk.
  var largeProducts: [Product] {
    let (C, H, V) = (config.dim, config.hiddenDim, config.vocabularySize)
    let mixed = (config.heads + 2 * config.keyValueHeads) * config.headDim
    let layers = [
      ("queries, keys, values", tokens, C, mixed), ("output", tokens, C, C),
      ("gate and up", tokens, C, 2 * H), ("down", tokens, H, C),
      ("head", min(tokens, max(16, (1 << 24) / V / 16 * 16)), C, V),
    ]
    return layers.flatMap { name, T, I, O in
      [("", Product.Kind.forward), (", d inputs", .inputs), (", d weights", .weights)].map {
        Product(name: name + $0.0, kind: $0.1, T: T, I: I, O: O)
      }
    }
  }

  /// Floating-point operations a second: the best of nine runs.
  func rate(of product: Product) -> Rate {
    let (T, I, O) = (product.T, product.I, product.O), engine = engine
    let x_TI = random(T * I), w_OI = random(O * I), y_TO = random(T * O)
    let operations = 2 * Double(T) * Double(I) * Double(O)
    var best = Rate(wall: 0, cpu: 0)
    for _ in 0..<9 {
      let (time, _) = elapsed {
        switch product.kind {
        case .forward: engine.multiply(x_TI, transposed: w_OI, into: y_TO, T: T, I: I, O: O)
        case .inputs: engine.multiply(y_TO, by: w_OI, into: x_TI, T: T, I: I, O: O)
        case .weights: engine.addProduct(transposed: y_TO, x_TI, to: w_OI, T: T, I: I, O: O)
        }
      }
      best = Rate(
        wall: max(best.wall, operations / time.wall), cpu: max(best.cpu, operations / time.cpu))
    }
    return best
  }

  private func random(_ count: Int) -> View<Float> {
    let view = Arena<Float>(count: count).all
    let block = 4096
    let gaussian = Gaussian(seed: 1, stream: 1)
    let numbers = (0..<min(block, count)).map { Float(gaussian[$0]) }
    for first in stride(from: 0, to: count, by: block) {
      let part = view.part(first, min(block, count - first))
      part.copy(from: Array(numbers.prefix(part.count)))
    }
    return view
  }
}
