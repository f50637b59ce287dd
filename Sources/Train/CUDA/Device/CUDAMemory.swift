internal import CCUDA
public import Compute

/// How numbers lie in a device's memory.
public enum CUDAFormat: Sendable {
  case bf16
  case f32
  /// Weights: the bf16 that products read, and f32 that the optimizer writes, element by element.
  case weights

  /// Bytes of an element, the f32 of weights not counted.
  public var bytes: Int { self == .f32 ? 4 : 2 }
}

/// One allocation on a device, freed with the last memory that is part of it.
@safe final class CUDABlock: @unchecked Sendable {
  let address: UInt64
  /// Where the f32 of weights lie.
  let master: UInt64
  let format: CUDAFormat
  private let device: CUDADevice

  init(_ device: CUDADevice, count: Int, format: CUDAFormat) throws(CUDAError) {
    self.device = device
    self.format = format
    let whole = (count * format.bytes + 255) / 256 * 256
    let bytes = max(256, format == .weights ? whole + 4 * count : whole)
    var address: UInt64 = 0
    try unsafe device.driver.check("cuMemAlloc", device.driver.allocate?(&address, bytes))
    self.address = address
    master = address + UInt64(whole)
  }

  deinit {
    try? device.makeCurrent()  // the last reference may go on any thread
    _ = device.driver.free?(address)
  }
}

/// A run of numbers on a device.
///
/// Sums that need f32 take two places in memory of bf16 (`CUDAEngine.sumPlaces`).
public struct CUDAMemory: DeviceMemory {
  let block: CUDABlock
  let offset: Int
  public let count: Int

  init(_ block: CUDABlock, offset: Int = 0, count: Int) {
    self.block = block
    self.offset = offset
    self.count = count
  }

  public var format: CUDAFormat { block.format }
  package var address: UInt64 { block.address + UInt64(offset * block.format.bytes) }
  /// Of the f32 of weights.
  var master: UInt64 { block.master + UInt64(offset * 4) }
  package var bytes: Int { count * block.format.bytes }

  public func part(_ offset: Int, _ count: Int) -> CUDAMemory {
    precondition(
      offset >= 0 && count >= 0 && offset <= self.count - count,
      "elements \(offset)..<\(offset &+ count) of memory of \(self.count)")
    return CUDAMemory(block, offset: self.offset + offset, count: count)
  }
}
