/// A device's memory for what is needed during an operation only: as large as the largest so far.
///
/// What was given before stays as long as the room, for recordings may refer to it.
final class GrowingRoom: @unchecked Sendable {
  private let device: CUDADevice
  private var blocks: [CUDABlock] = []
  private var bytes = 0

  init(_ device: CUDADevice) { self.device = device }

  /// The address of so many bytes, which the next call gives again.
  func take(_ count: Int) throws(CUDAError) -> UInt64 {
    if let block = blocks.last, bytes >= count { return block.address }
    let block = try CUDABlock(device, count: (count + 3) / 4, format: .f32)
    blocks.append(block)
    bytes = count
    return block.address
  }
}
