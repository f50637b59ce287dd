public import Ground

/// Stands for something under way that what follows must not overtake.
public struct Ticket: Sendable {
  private let follow: @Sendable () throws(Fault) -> Void

  /// - Parameter follow: Puts what the caller does next behind what is under way; may be called more
  ///   than once.
  public init(_ follow: @escaping @Sendable () throws(Fault) -> Void) { self.follow = follow }

  /// Puts what the caller computes next behind it: by waiting, or by telling the device to.
  public func wait() throws(Fault) { try follow() }
}
