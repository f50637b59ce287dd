import Dispatch
import Glibc
import Ground
import Trainer

/// What keeps an eye on signals; cancelled when the run is over.
final class StopSignals {
  private let sources: [any DispatchSourceSignal]

  init(_ sources: [any DispatchSourceSignal]) { self.sources = sources }

  func cancel() { for source in sources { source.cancel() } }
}

/// Raises `flag` on SIGTERM and on Ctrl-C, so that the run saves and ends; the second signal ends it
/// at once.
func raiseOnSignals(_ flag: StopFlag) -> StopSignals {
  onStopSignals { number in
    if flag.isRaised { exit(128 + number) }
    flag.raise()
  }
}

/// Runs `body`, which writes `outputs` by way of temporary names; SIGTERM and Ctrl-C remove these and
/// end the process.
func withoutLeftovers<Result>(of outputs: [String], _ body: () throws -> Result) rethrows -> Result
{
  let signals = onStopSignals { number in
    for output in outputs { try? removeFile(temporaryName(for: output)) }
    _exit(128 + number)
  }
  defer { signals.cancel() }
  return try body()
}

/// Calls `act` with the number of each SIGTERM and SIGINT, on a thread of its own.
private func onStopSignals(_ act: @Sendable @escaping (CInt) -> Void) -> StopSignals {
  StopSignals(
    [SIGTERM, SIGINT].map { number in
      signal(number, SIG_IGN)
      let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
      source.setEventHandler { act(number) }
      source.resume()
      return source
    })
}
