/// How much of a datasheet's figures a training step gets: the same for every model and layout.
///
/// Each is either taken from a source or chosen; what is chosen says so.
public struct Efficiency: Hashable, Sendable {
  /// Rows and columns that a multiprocessor computes at a time, and its speed: cuBLAS's tiles.
  ///
  /// The sizes are those of NVIDIA's "Matrix Multiplication Background User's Guide"; that the small
  /// one has 93 % of the speed is chosen.
  public var tiles = [
    Tile(rows: 128, columns: 256, speed: 1), Tile(rows: 256, columns: 128, speed: 1),
    Tile(rows: 128, columns: 128, speed: 0.93),
  ]
  /// Columns of a product's inputs whose time a tile spends on beginning and ending; chosen.
  public var tileFill = 64
  /// Share of the memory's bandwidth that element-wise kernels get.
  ///
  /// Chosen: a copy gets about 0.9, and our kernels are held to 0.8 of a copy or better.
  public var memory = 0.8
  /// Seconds from one kernel's end to the next one's begin within a graph; chosen.
  public var kernelGap = 2e-6
  /// Attention's share of the peak: `most · length / (length + half)`.
  ///
  /// Fitted to cuDNN 9.19's causal kernels on an H200, heads of 128 channels, 2,048 to 32,768
  /// tokens, within 5 % (cudnn-frontend, benchmark/sdpa_benchmark_training/results/h200_919_only_cudnn).
  public var attentionForward = Saturation(most: 0.71, half: 850)
  public var attentionBackward = Saturation(most: 0.61, half: 1200)
  /// Share of NVLink's bandwidth that NCCL's rings get: 235 of 300 GB/s on A100 (NCCL 2.8,
  /// src/graph/tuning.cc).
  public var node = 0.783
  /// Share of a network card's bandwidth that rings get.
  ///
  /// Calculon's figure for A100 clusters (github.com/calculon-ai/calculon, systems/a100_80g.json).
  public var network = 0.9
  /// Shares of the multiprocessors that exchanges over NVLink and over the network take from kernels
  /// beside them; Calculon's as well.
  public var nodeOccupied = 0.15
  public var networkOccupied = 0.02
  /// Share of the speed of kernels measured alone that a run keeps: clocks fall under load, data
  /// arrives late, exchanges meet.
  ///
  /// Chosen to the nearest tenth: with it the four models of LLaMA's paper come out within 12 % of
  /// the GPU hours of its table 15.
  public var sustained = 0.8
  /// Share of the speed of a GPU alone at which many work in step.
  ///
  /// GPUs of one node differ by 5 % and more (ml-engineering, compute/accelerator, "Not all
  /// accelerators are created equal"), and all wait for the slowest.
  public var slowest = 0.95

  public init() {}

  /// What a multiprocessor computes at a time.
  public struct Tile: Hashable, Sendable {
    public var rows, columns: Int
    /// Of the peak.
    public var speed: Double

    public init(rows: Int, columns: Int, speed: Double) {
      self.rows = rows
      self.columns = columns
      self.speed = speed
    }
  }

  /// A share that grows towards `most` and has half of it at `half`.
  public struct Saturation: Hashable, Sendable {
    public var most, half: Double

    public init(most: Double, half: Double) {
      self.most = most
      self.half = half
    }

    func share(at size: Int) -> Double { most * Double(size) / (Double(size) + half) }
  }
}
