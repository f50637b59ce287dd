import Ground

/// Goes through the n-grams of one length, and knows the (n-1)-gram that each extends.
///
/// Every list is read once: an n-gram that is marked as the first moves the walk through the shorter
/// ones on, and so forth. Values may be read along, one for each n-gram of a length.
@safe final class NGramWalk {
  /// The place in the n-grams of one length, and what lies there.
  @safe private struct Place {
    var entry: UInt32 = 0
    var value: UInt32 = 0
    var rank = -1
    /// Of the reader of its list.
    let words: UnsafeMutablePointer<StreamPlace>
    /// Of the reader of what is read along with it.
    let values: UnsafeMutablePointer<StreamPlace>?
  }

  private let length: Int
  private let words: [NumberReader]
  /// What is read along with the (n-1)-grams.
  private let values: NumberReader?
  /// Behind a pointer: a class's own properties are checked at every use.
  private let places: UnsafeMutablePointer<Place>

  /// A walk through the last of `lists`; `values` are read along with the list before it.
  init(_ lists: ArraySlice<NGramList>, values: NumberFile? = nil) {
    length = lists.count
    words = lists.map { $0.words.reader() }
    self.values = values?.reader()
    // One more, below the unigrams, for what they extend.
    unsafe places = .allocate(capacity: length + 1)
    for index in 0...length {
      let values = unsafe index == length - 1 && index > 0 ? self.values?.place : nil
      unsafe (places + index).initialize(
        to: Place(rank: index == 0 ? 0 : -1, words: words[max(0, index - 1)].place, values: values))
    }
  }

  deinit { unsafe places.deallocate() }

  /// The number of the n-gram among those of its length.
  var rank: Int { unsafe places[length].rank }
  /// Its first word.
  var word: UInt32 { unsafe places[length].entry & NGramList.word }
  var isPruned: Bool { unsafe places[length].entry & NGramList.isPruned != 0 }
  /// The number of the (n-1)-gram that this one extends; 0 for a unigram.
  var extendedRank: Int { unsafe places[length - 1].rank }
  /// What was read with that (n-1)-gram.
  var extendedValue: UInt32 { unsafe places[length - 1].value }

  /// Goes to the next n-gram.
  @inline(__always)
  func advance() {
    let entry = nextEntry(length)
    unsafe places[length].entry = entry
    unsafe places[length].rank &+= 1
    if entry & NGramList.isFirst != 0 && length > 1 { advanceShorter(length - 1) }
  }

  /// Goes to the next n-gram of a length that has extensions: all but those that begin with `<s>`, and
  /// `<unk>`.
  private func advanceShorter(_ length: Int) {
    while true {
      let entry = nextEntry(length)
      unsafe places[length].rank &+= 1
      if let values = unsafe places[length].values {
        unsafe places[length].value = nextValue(values)
      }
      if entry & NGramList.isFirst != 0 && length > 1 { advanceShorter(length - 1) }
      if entry & NGramList.word > TextVocabulary.beginning {
        unsafe places[length].entry = entry
        return
      }
    }
  }

  @inline(__always)
  private func nextEntry(_ length: Int) -> UInt32 {
    let place = unsafe places[length].words
    if unsafe place.pointee.next == place.pointee.end { words[length - 1].refill() }
    let entry = unsafe place.pointee.next.pointee
    unsafe place.pointee.next += 1
    return entry
  }

  @inline(__always)
  private func nextValue(_ place: UnsafeMutablePointer<StreamPlace>) -> UInt32 {
    if unsafe place.pointee.next == place.pointee.end { values?.refill() }
    let value = unsafe place.pointee.next.pointee
    unsafe place.pointee.next += 1
    return value
  }

  /// Writes the words of the n-gram, last word first.
  @inline(__always)
  func write(_ room: UnsafeMutablePointer<UInt32>) {
    for index in 0..<length { unsafe room[index] = places[index + 1].entry & NGramList.word }
  }

  func check() throws(Fault) {
    for reader in words { try reader.check() }
    try values?.check()
  }
}
