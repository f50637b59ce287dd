/// A symbol for every scalar, in pages of 256; a page that is not there is all -1.
struct ScalarTable: Sendable {
  /// By the scalar's upper bits, where its page begins in `symbols`.
  private var pages = [Int32](repeating: 0, count: 0x11_0000 >> 8)
  /// The first page is empty, and stands for all that are.
  private var symbols = [Int32](repeating: -1, count: 256)

  @inline(__always)
  subscript(scalar: UInt32) -> Int32 {
    get { symbols[Int(pages[Int(scalar >> 8)]) + Int(scalar & 0xff)] }
    set {
      if pages[Int(scalar >> 8)] == 0 {
        pages[Int(scalar >> 8)] = Int32(symbols.count)
        symbols.append(contentsOf: repeatElement(-1, count: 256))
      }
      symbols[Int(pages[Int(scalar >> 8)]) + Int(scalar & 0xff)] = newValue
    }
  }
}
