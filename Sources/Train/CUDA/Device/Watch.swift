internal import Synchronization

/// The groups of ranks that a stream's work may wait for, of which one may be lost.
final class Watch: Sendable {
  private struct Member {
    weak let group: CUDAGroup?
  }

  private let members = Mutex<[Member]>([])

  func add(_ group: CUDAGroup) {
    members.withLock { members in
      members.removeAll { $0.group == nil }
      members.append(Member(group: group))
    }
  }

  private var groups: [CUDAGroup] { members.withLock { $0.compactMap(\.group) } }

  var isNeeded: Bool { !groups.isEmpty }

  /// True once a group was given up.
  var isLost: Bool { groups.contains { $0.isAborted } }

  /// Gives up the groups whose ranks cannot all come any more.
  func look() { for group in groups { group.look() } }
}
