public import Compute
public import Ground

/// How long ranks wait for each other.
public struct RankLimits: Sendable {
  /// For all to meet, and for the connections of a group.
  public var join: Duration
  /// Without a sign of life, before a rank counts as lost.
  public var silence: Duration
  /// Between signs of life.
  var beat: Duration { min(.seconds(1), silence / 4) }

  public init(join: Duration = .seconds(300), silence: Duration = .seconds(60)) {
    self.join = join
    self.silence = silence
  }
}

/// Ranks that are processes, on one machine or many, connected by TCP.
///
/// Rank 0 listens at the address and port of the environment; the others come there, show the job's
/// token and learn where everyone is. Then all are connected with all. Where a process ends, a
/// machine falls silent or a rank aborts, every call of every rank throws a `Fault` that names the
/// rank. What goes over the network is neither encrypted nor signed: use a network of your own.
///
/// The run is left when the group and its communicators are let go.
public final class SocketGroup: Sendable {
  public let rank: Int
  public let ranks: Int
  private let mesh: Mesh
  private let links: Links
  private let thread: Thread

  /// Meets the other ranks.
  ///
  /// - Throws: `Fault` that names the ranks that did not come in time, or says why this one was
  ///   turned away.
  public init(
    _ environment: LaunchEnvironment, limits: RankLimits = RankLimits()
  ) throws(Fault) {
    rank = environment.rank
    ranks = environment.ranks
    let secret = secret(of: environment.token)
    let outcome = try Rendezvous(environment: environment, secret: secret, limits: limits).meet()
    let mesh = try Mesh(environment, outcome, secret: secret, limits: limits)
    let thread = Thread { mesh.serve() }
    do throws(Fault) {
      try mesh.connect()
      links = try Links(mesh: mesh, group: 0, members: Array(0..<environment.ranks))
    } catch {
      mesh.leave()
      thread.join()
      throw error
    }
    self.mesh = mesh
    self.thread = thread
  }

  deinit {
    mesh.leave()
    thread.join()
  }

  /// Goes without a word, as a killed process does, or as a machine does that loses its power.
  ///
  /// For tests.
  package func vanish(closing: Bool) { mesh.vanish(closing: closing) }

  /// This rank's end, to be taken once.
  public func communicator<Scalar: Real>(_ scalar: Scalar.Type = Float.self)
    -> SocketCommunicator<Scalar>
  {
    SocketCommunicator(links, group: self)
  }
}
