/// How far a run is: with the parameters and their moments, all that going on needs.
public struct TrainingState: Hashable, Sendable {
  /// Steps done.
  public var step = 0
  /// Steps that changed the parameters; AdamW counts these.
  public var updates = 0
  /// The next sample in the order of sequences.
  public var sample = 0
  /// Tokens seen, as inputs; those of steps that were rewound do not count.
  public var tokens = 0
  /// Steps that were skipped since the last that changed the parameters.
  public var skips = 0
  /// What the guards remember; a checkpoint does not store it, the lines up to its step tell it.
  public var guards = GuardMemory()

  public init() {}
}
