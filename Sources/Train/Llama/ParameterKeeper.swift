public import Compute
public import Ground

/// Which way a pass goes through the layers.
public enum Pass: Sendable { case forward, backward }

/// Who has the parameters of a unit at hand when a pass needs them, and takes its gradients.
///
/// Units are numbered as in `ParameterUnits`. A pass asks for them in their order, the backward pass
/// in the reverse order, from the last layer's on; so a keeper that has only a share of each unit can
/// gather the next while one is computed with, and reduce gradients behind the pass.
public protocol ParameterKeeper<Memory>: AnyObject, Sendable {
  associatedtype Memory: DeviceMemory

  /// Tells apart passes that the keeper serves differently: a device may record each kind once.
  var kind: Int { get }

  /// Says that a pass begins.
  func begin() throws(Fault)

  /// Says that a pass ends: what it started ends before anything that is computed later.
  func end() throws(Fault)

  /// The parameters of a unit; they stay until another unit is asked for.
  func parameters(of unit: Int, _ pass: Pass) throws(Fault) -> Memory

  /// Where the gradients of a unit are to be added.
  func gradients(of unit: Int) throws(Fault) -> Memory

  /// Says that a batch's gradients of a unit have all been added.
  func finish(_ unit: Int) throws(Fault)
}

/// All parameters and gradients in memory, in two flat buffers.
public final class ResidentParameters<Memory: DeviceMemory>: ParameterKeeper {
  public let parameters: Memory
  /// Of the same layout; empty where the model does not train.
  public let gradients: Memory
  private let ranges: [Range<Int>]

  public init(_ units: ParameterUnits, parameters: Memory, gradients: Memory) {
    precondition(
      parameters.count == units.count && [0, units.count].contains(gradients.count),
      "\(parameters.count) parameters and \(gradients.count) gradients; need \(units.count)")
    self.parameters = parameters
    self.gradients = gradients
    ranges = units.ranges
  }

  public var kind: Int { 0 }
  public func begin() {}
  public func end() {}

  public func parameters(of unit: Int, _ pass: Pass) -> Memory { parameters.part(ranges[unit]) }

  public func gradients(of unit: Int) -> Memory { gradients.part(ranges[unit]) }

  public func finish(_ unit: Int) {}
}
