import Glibc
import Synchronization

/// Prints a status line to standard error: in place once a second on a terminal, else once a minute.
///
/// The line appears while `body` runs and never on standard output.
public func withProgress<Result>(
  quiet: Bool, line: @Sendable @escaping () -> String, _ body: () throws -> Result
) rethrows -> Result {
  if quiet { return try body() }
  let isTerminal = isatty(STDERR_FILENO) == 1
  let isDone = Mutex(false)
  let printer = Ticker(every: isTerminal ? 1 : 60) {
    let text = line()
    isDone.withLock { if !$0 { tellUser(isTerminal ? "\r\u{1b}[K\(text)" : text + "\n") } }
  }
  defer {
    isDone.withLock { $0 = true }
    printer.stop()
    if isTerminal { tellUser("\r\u{1b}[K") }
  }
  return try body()
}

/// Writes `text` to standard error as it is.
public func tellUser(_ text: String) {
  var text = text
  text.withUTF8 { unsafe _ = write(STDERR_FILENO, $0.baseAddress, $0.count) }
}

/// Calls a closure at intervals on a thread of its own.
private final class Ticker: Sendable {
  private let isStopped = Mutex(false)
  private let thread = Mutex<Thread?>(nil)

  init(every seconds: Double, _ tick: @Sendable @escaping () -> Void) {
    let started = Thread { [self] in
      var waited = 0.0
      while !isStopped.withLock({ $0 }) {
        usleep(50_000)
        waited += 0.05
        if waited >= seconds {
          tick()
          waited = 0
        }
      }
    }
    thread.withLock { $0 = started }
  }

  func stop() {
    isStopped.withLock { $0 = true }
    thread.withLock {
      $0?.join()
      $0 = nil
    }
  }
}
