import CTextModels
import Ground

/// Rooms for sorting, all of one size, that are given back and taken again.
///
/// Fresh memory must be cleared by the system when it is first touched, which takes as long as a pass of
/// the sorting itself.
@safe final class SortingRooms {
  /// Records that a room has.
  let size: Int
  private var one: Room<quipu_record>?
  private var two: Room<quipu_record>?
  private var three: Room<quipu_record>?

  init(size: Int) { self.size = max(1, size) }

  func take() -> Room<quipu_record> {
    if let room = one.take() { return room }
    if let room = two.take() { return room }
    if let room = three.take() { return room }
    let room = Room<quipu_record>(size)
    unsafe quipu_huge_pages(room.start, 16 * size)
    return room
  }

  func give(_ room: consuming Room<quipu_record>) {
    if one == nil {
      one = consume room
    } else if two == nil {
      two = consume room
    } else {
      three = consume room
    }
  }
}
