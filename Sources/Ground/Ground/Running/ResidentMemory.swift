import Glibc

/// The most memory that this process has had at a time, in bytes, mapped files included.
public func mostResidentMemory() -> Int {
  var usage = rusage()
  unsafe getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
  return usage.ru_maxrss * 1024  // Linux counts in KiB
}
