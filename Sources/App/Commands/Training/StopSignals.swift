import Dispatch
import Glibc
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
  StopSignals(
    [SIGTERM, SIGINT].map { number in
      signal(number, SIG_IGN)
      let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
      source.setEventHandler {
        if flag.isRaised { exit(128 + number) }
        flag.raise()
      }
      source.resume()
      return source
    })
}
