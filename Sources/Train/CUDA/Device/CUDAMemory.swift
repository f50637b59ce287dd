internal import CCUDA
public import Compute

/// How numbers lie in a device's memory.
public enum CUDAFormat: Sendable {
  case bf16
  case f32

  /// Bytes of an element.
  public var bytes: Int { self == .f32 ? 4 : 2 }
}

/// One allocation on a device, freed with the last memory that is part of it.
@safe final class CUDABlock: @unchecked Sendable {
  let address: UInt64
  let format: CUDAFormat
  private let device: CUDADevice

  init(_ device: CUDADevice, count: Int, format: CUDAFormat) throws(CUDAError) {
    self.device = device
    self.format = format
    let bytes = max(256, (count * format.bytes + 255) / 256 * 256)
    var address: UInt64 = 0
    try unsafe device.driver.check("cuMemAlloc", device.driver.allocate?(&address, bytes))
    self.address = address
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
  package var bytes: Int { count * block.format.bytes }

  public func part(_ offset: Int, _ count: Int) -> CUDAMemory {
    precondition(
      offset >= 0 && count >= 0 && offset <= self.count - count,
      "elements \(offset)..<\(offset &+ count) of memory of \(self.count)")
    return CUDAMemory(block, offset: self.offset + offset, count: count)
  }
}
