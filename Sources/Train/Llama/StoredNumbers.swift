internal import Compute

// Numbers as checkpoints store them: little-endian f32, bf16 or f16, read as f32 exactly and written
// rounded to nearest, ties to even.

extension ElementType {
  /// The types that parameters are stored in.
  static let ofParameters: [ElementType] = [.f32, .bf16, .f16]

  /// Writes all of `values` into `bytes` from `offset` on.
  ///
  /// - Returns: False where a finite number became infinite, which only f16 does to usual numbers.
  func store(_ values: View<Float>, into bytes: inout [UInt8], at offset: Int) -> Bool {
    precondition(offset >= 0 && offset + values.count * size <= bytes.count, "no room")
    return unsafe bytes.withUnsafeMutableBytes { room in
      unsafe values.withElements { values in
        switch self {
        case .f32:
          for index in values.indices {
            unsafe room.storeBytes(
              of: values[index].bitPattern.littleEndian, toByteOffset: offset + 4 * index,
              as: UInt32.self)
          }
        case .bf16:
          for index in values.indices {
            unsafe room.storeBytes(
              of: bfloat16(values[index]).littleEndian, toByteOffset: offset + 2 * index,
              as: UInt16.self)
          }
        default:
          var isFinite = true
          for index in values.indices {
            let stored = unsafe float16(values[index])
            if stored & 0x7fff == 0x7c00, unsafe values[index].isFinite { isFinite = false }
            unsafe room.storeBytes(
              of: stored.littleEndian, toByteOffset: offset + 2 * index, as: UInt16.self)
          }
          return isFinite
        }
        return true
      }
    }
  }

  /// Reads numbers that are `stride` elements apart, as many as `target` takes, into it.
  func load(_ bytes: UnsafeRawBufferPointer, stride: Int = 1, into target: View<Float>) {
    guard target.count > 0 else { return }
    let step = stride * size
    precondition((target.count - 1) * step + size <= bytes.count, "too few bytes")
    unsafe target.withElements { elements in
      switch self {
      case .f32 where stride == 1:
        unsafe UnsafeMutableRawBufferPointer(elements).copyMemory(
          from: UnsafeRawBufferPointer(rebasing: bytes[..<(4 * elements.count)]))
      case .f32:
        for index in elements.indices {
          let bits = unsafe bytes.loadUnaligned(fromByteOffset: step * index, as: UInt32.self)
          unsafe elements[index] = Float(bitPattern: bits)
        }
      case .bf16:
        for index in elements.indices {
          let bits = unsafe bytes.loadUnaligned(fromByteOffset: step * index, as: UInt16.self)
          unsafe elements[index] = float(fromBFloat16: bits)
        }
      default:
        for index in elements.indices {
          let bits = unsafe bytes.loadUnaligned(fromByteOffset: step * index, as: UInt16.self)
          unsafe elements[index] = float(fromFloat16: bits)
        }
      }
    }
  }
}
