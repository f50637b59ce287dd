internal import Compute

/// Copies large memory to the host, by a stream of its own, while the engine's goes on.
///
/// Two regions of pinned memory take turns: one is filled by the device while the other is emptied.
/// One thread at a time may use it.
@safe final class Takeaway: @unchecked Sendable {
  private let stream: CUDAStream
  private let regions: [PinnedRegion]
  private let arrivals: [CUDAEvent]

  /// Bytes of a region: enough for a link's whole speed.
  private static let regionBytes = 16 << 20

  init(_ device: CUDADevice) throws(CUDAError) {
    stream = try CUDAStream(device)
    regions = [
      try PinnedRegion(device, bytes: Self.regionBytes),
      try PinnedRegion(device, bytes: Self.regionBytes),
    ]
    arrivals = [try CUDAEvent(device), try CUDAEvent(device)]
  }

  /// Copies numbers to the host, those of bf16 widened.
  func fetch(_ memory: CUDAMemory, into values: View<Float>) throws(CUDAError) {
    let most = Self.regionBytes / memory.format.bytes
    let parts = stride(from: 0, to: memory.count, by: most).map { first in
      memory.part(first, min(most, memory.count - first))
    }
    func begin(_ number: Int) throws(CUDAError) {
      let part = parts[number]
      try unsafe stream.download(part.bytes, from: part.address, to: regions[number % 2].start)
      try arrivals[number % 2].record(on: stream)
    }
    if !parts.isEmpty { try begin(0) }
    for number in parts.indices {
      if number + 1 < parts.count { try begin(number + 1) }
      try arrivals[number % 2].wait()
      unsafe Self.widen(
        regions[number % 2].start, memory.format,
        into: values.part(number * most, parts[number].count))
    }
  }

  private static func widen(
    _ source: UnsafeMutableRawPointer, _ format: CUDAFormat, into values: View<Float>
  ) {
    unsafe values.withElements { target in
      switch format {
      case .f32:
        unsafe UnsafeMutableRawBufferPointer(target).copyMemory(
          from: UnsafeRawBufferPointer(start: source, count: 4 * target.count))
      case .bf16:
        for index in target.indices {
          let bits = unsafe source.load(fromByteOffset: 2 * index, as: UInt16.self)
          unsafe target[index] = Float(bitPattern: UInt32(bits) << 16)
        }
      }
    }
  }
}
