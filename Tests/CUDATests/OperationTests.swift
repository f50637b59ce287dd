import CUDA
import CUDACheck
import Testing

extension EmulatedTests {
  /// Every operation on the emulated device against the CPU in f64: the checks that a GPU is put to.
  @Suite struct OperationTests {
    @Test(arguments: OperationChecks.all.map(\.name)) func isRight(_ name: String) throws {
      let rows = try rows { bench throws(CUDAError) in
        let check = OperationChecks.all.first { $0.name == name }
        try check?.run(bench, false)
      }
      #expect(!rows.isEmpty)
      for row in rows { #expect(row.isPassed, "\(row.line)") }
    }

    @Test(arguments: [true, false]) func attentionIsRight(isFused: Bool) throws {
      let rows = try rows(isFused: isFused) { bench throws(CUDAError) in
        try AttentionChecks.run(bench, isFused: isFused, isTimed: false)
      }
      #expect(rows.count >= 10)
      for row in rows { #expect(row.isPassed, "\(row.line)") }
    }

    @Test func deterministicAttentionIsRight() throws {
      let rows = try rows(isDeterministic: true) { bench throws(CUDAError) in
        try AttentionChecks.run(bench, isFused: true, isTimed: false)
      }
      for row in rows { #expect(row.isPassed, "\(row.line)") }
    }

    @Test func recordedWorkIsRepeated() throws {
      let rows = try rows { bench throws(CUDAError) in try DeviceChecks.graph(bench, isTimed: false)
      }
      #expect(rows.first?.isPassed == true)
    }

    @Test func memoryComesBackAsItWent() throws {
      let rows = try rows { bench throws(CUDAError) in
        try DeviceChecks.driver(bench, isTimed: false)
      }
      for row in rows { #expect(row.isPassed, "\(row.line)") }
    }

    private func rows(
      isFused: Bool = true, isDeterministic: Bool = false,
      _ body: (CheckBench) throws(CUDAError) -> Void
    ) throws(CUDAError) -> [CheckRow] {
      var rows: [CheckRow] = []
      let engine = try EmulatedDevice.engine(isFused: isFused, isDeterministic: isDeterministic)
      try body(CheckBench(engine, threads: 2) { rows.append($0) })
      return rows
    }
  }
}
