// Shape suffixes as with `Processor`'s operations, which these are.

/// A run of numbers on a device, kept alive by whoever holds it; copies share the numbers.
public protocol DeviceMemory: Sendable {
  /// Elements.
  var count: Int { get }

  /// A part of it, counted from its own start.
  func part(_ offset: Int, _ count: Int) -> Self
}

extension DeviceMemory {
  /// A part of it, counted from its own start.
  public func part(_ range: Range<Int>) -> Self { part(range.lowerBound, range.count) }
}

extension View: DeviceMemory {}

/// What tells passes apart that a device may record.
public struct PassName: Hashable, Sendable {
  let batch: Int
  let length: Int
  let scale: Double
  let kind: Int

  /// - Parameters:
  ///   - batch: Sequences.
  ///   - length: Tokens of each.
  ///   - scale: Of the losses.
  ///   - kind: What else the pass depends on.
  public init(batch: Int, length: Int, scale: Double, kind: Int) {
    self.batch = batch
    self.length = length
    self.scale = scale
    self.kind = kind
  }

  public var tokens: Int { batch * length }
}

/// What a model is computed on: memory and operations, forward and backward.
///
/// Every operation allocates nothing and gives the same bits for any number of threads. One operation
/// runs at a time; a device may carry them out later, in their order. Losses are there after `settle`.
/// The documentation of each operation stands with the CPU's, `Processor`.
public protocol Backend: Sendable {
  associatedtype Memory: DeviceMemory
  /// The angles of rotary position embedding.
  associatedtype Angles: Sendable

  /// Places of `Memory` that a sum takes where it must be f32: inverses and logarithms of norms and
  /// softmaxes.
  static var sumPlaces: Int { get }

  /// Logits that are stored at a time, all ranks' together.
  static var logitCount: Int { get }

  /// New memory, all zeros.
  func allocate(_ count: Int) -> Memory

  /// New memory of f32 at least, all zeros: gradients, moments, parameters as AdamW keeps them.
  func allocateWide(_ count: Int) -> Memory

  /// The angles for `positions` of heads with `headDim` channels.
  func angles(positions: Int, headDim: Int, theta: Double) -> Angles

  // Products.
  func multiply(
    _ x_TI: Memory, transposed w_OI: Memory, into y_TO: Memory, T: Int, I: Int, O: Int,
    adding: Bool)
  func multiply(
    _ dy_TO: Memory, by w_OI: Memory, into dx_TI: Memory, T: Int, I: Int, O: Int, adding: Bool)
  func addProduct(
    transposed dy_TO: Memory, _ x_TI: Memory, to dw_OI: Memory, T: Int, I: Int, O: Int)

  // Embedding.
  func embed(_ tokens_T: Span<Int32>, from table_VC: Memory, into x_TC: Memory, C: Int)
  func embedBackward(_ tokens_T: Span<Int32>, _ dx_TC: Memory, into dtable_VC: Memory, C: Int)

  // Norms.
  static func rmsNormScratch(T: Int, C: Int) -> Int
  func rmsNorm(
    _ x_TC: Memory, gain gain_C: Memory, into y_TC: Memory, inverse inverse_T: Memory,
    epsilon: Double)
  func rmsNormAgain(
    _ x_TC: Memory, gain gain_C: Memory, inverse inverse_T: Memory, into y_TC: Memory)
  func rmsNormBackward(
    _ dy_TC: Memory, _ x_TC: Memory, gain gain_C: Memory, inverse inverse_T: Memory,
    into dx_TC: Memory, gain dgain_C: Memory, scratch scratch_BC: Memory)

  // Attention.
  func rotate(
    _ x_TR: Memory, T: Int, R: Int, heads: Int, table: Angles, length: Int, start: Int,
    backward: Bool)
  func attend(
    _ q: Memory, _ k: Memory, _ v: Memory, into y_BQND: Memory, logSum logSum_BNQ: Memory,
    _ shape: AttentionShape)
  func attendBackward(
    _ dy_BQND: Memory, _ q: Memory, _ k: Memory, _ v: Memory, _ y_BQND: Memory,
    logSum logSum_BNQ: Memory, into dq: Memory, _ dk: Memory, _ dv: Memory,
    _ shape: AttentionShape)

  // Feed-forward part.
  func swiGLU(_ gateUp_T2H: Memory, into y_TH: Memory, T: Int, H: Int)
  func swiGLUBackward(_ dy_TH: Memory, _ gateUp_T2H: Memory, again y_TH: Memory, T: Int, H: Int)

  // Loss.
  func crossEntropy(
    _ logits_TV: Memory, targets targets_T: Span<Int32>, losses losses_T: View<Double>, V: Int,
    scale: Double, wantsGradient: Bool)
  /// Waits for the losses of every `crossEntropy` and `joinSoftmaxShards` so far.
  func settle()

  /// Does the operations of a pass.
  ///
  /// Passes of one name do the same operations on the same memory with the same numbers, but for the
  /// tokens: a device may record them once and repeat them. Nothing in a pass with a name may wait
  /// for the device.
  func perform<Failure: Error>(
    _ name: PassName?, _ pass: () throws(Failure) -> Void
  ) throws(Failure)
  /// Elements that a rank's parts of `T` rows take: two numbers of f64 a row.
  static func softmaxParts(T: Int) -> Int
  func softmaxShard(
    _ logits_TV: Memory, columns columns_T: Span<Int32>, V: Int, into parts_T: Memory)
  func joinSoftmaxShards(
    _ shares_TV: Memory, parts parts_KT: Memory, rank: Int, targets targets_T: Span<Int32>,
    columns columns_T: Span<Int32>, losses losses_T: View<Double>, V: Int, scale: Double,
    wantsGradient: Bool)

  // Flat memory.
  func copy(_ source: Memory, to target: Memory)
  func add(_ source: Memory, to sum: Memory)
  func zero(_ memory: Memory)
  /// The sums of squares of several memories, in f64.
  func squaredNorms(_ all: [Memory]) -> [Double]
  /// Where parameters are rounded for the passes, `master` has them in f32; without it, they are
  /// rounded by chance.
  func adamW(
    _ parameters: Memory, master: Memory?, gradients: Memory, firstMoments: Memory,
    secondMoments: Memory, settings: AdamW, step: Int, gradientScale: Double)
}

extension Backend {
  /// One, where memory has sums as they are.
  public static var sumPlaces: Int { 1 }

  /// 64 MiB of f32, which stay near the cache.
  public static var logitCount: Int { 1 << 24 }

  public func allocateWide(_ count: Int) -> Memory { allocate(count) }

  /// Nothing, where operations are done when they return.
  public func settle() {}

  /// Does them, without recording.
  public func perform<Failure: Error>(
    _ name: PassName?, _ pass: () throws(Failure) -> Void
  ) throws(Failure) { try pass() }

  public func squaredNorm(_ values: Memory) -> Double { squaredNorms([values])[0] }
}

extension Processor: Backend {
  public typealias Memory = View<Scalar>

  public func allocate(_ count: Int) -> View<Scalar> { Arena<Scalar>(count: count).all }

  public func angles(positions: Int, headDim: Int, theta: Double) -> RotaryTable<Scalar> {
    RotaryTable(positions: positions, headDim: headDim, theta: theta)
  }

  /// Copies all elements, on all threads.
  public func copy(_ source: View<Scalar>, to target: View<Scalar>) {
    precondition(source.count == target.count, "\(source.count) elements into \(target.count)")
    forBlocks(of: source.count, by: 1 << 18) { first, count in
      target.part(first, count).copy(from: source.part(first, count))
    }
  }

  public func add(_ source: View<Scalar>, to sum: View<Scalar>) {
    Compute.add(source, to: sum, workers: workers)
  }

  /// Sets all elements to zero, on all threads.
  public func zero(_ memory: View<Scalar>) {
    forBlocks(of: memory.count, by: 1 << 18) { first, count in memory.part(first, count).set(0) }
  }

  public func squaredNorms(_ all: [View<Scalar>]) -> [Double] {
    all.map { Compute.squaredNorm($0, workers: workers) }
  }

  public func adamW(
    _ parameters: View<Scalar>, master: View<Scalar>?, gradients: View<Scalar>,
    firstMoments: View<Scalar>, secondMoments: View<Scalar>, settings: AdamW, step: Int,
    gradientScale: Double
  ) {
    precondition(master == nil, "parameters are not rounded here")
    Compute.adamW(
      parameters, gradients: gradients, firstMoments: firstMoments, secondMoments: secondMoments,
      settings: settings, step: step, gradientScale: gradientScale, workers: workers)
  }
}
