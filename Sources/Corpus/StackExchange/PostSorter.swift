import Ground

/// Brings posts together by question, in memory as long as they fit, else by runs on disk.
///
/// A run is sorted and compressed. When there are `width` runs of one rank they become one of the next,
/// so that few files are open however much there is. The order of what comes out is total, so it does
/// not depend on where runs begin.
struct PostSorter: ~Copyable {
  private let memory: Int
  private let scratch: Scratch
  private var posts: [Post] = []
  private var size = 0
  /// Paths of runs, by rank.
  private var runs: [[String]] = []

  private static let width = 64

  init(memory: Int, folder: String) {
    self.memory = memory
    scratch = Scratch(below: folder)
  }

  mutating func add(_ post: Post) throws {
    posts.append(post)
    size += post.size
    if size > memory { try spill() }
  }

  /// Hands over the posts of each question together, questions in the order of their numbers.
  consuming func forEachThread(_ body: ([Post]) throws -> Void) throws {
    posts.sort(by: Post.precedes)
    var thread: [Post] = []
    try merge(runs.flatMap(\.self), and: posts) { post in
      if let first = thread.first, first.thread != post.thread {
        try body(thread)
        thread.removeAll(keepingCapacity: true)
      }
      thread.append(post)
    }
    if !thread.isEmpty { try body(thread) }
  }

  private mutating func spill() throws {
    posts.sort(by: Post.precedes)
    var run = try scratch.newRun()
    var bytes: [UInt8] = []
    for post in posts {
      bytes.removeAll(keepingCapacity: true)
      post.append(to: &bytes)
      try run.file.write(bytes)
    }
    try run.file.commit()
    posts.removeAll()
    size = 0
    try keep(run.path, rank: 0)
  }

  private mutating func keep(_ path: String, rank: Int) throws {
    if runs.count == rank { runs.append([]) }
    runs[rank].append(path)
    guard runs[rank].count == Self.width else { return }
    let full = runs[rank]
    runs[rank] = []
    var run = try scratch.newRun()
    var bytes: [UInt8] = []
    try merge(full, and: []) { post in
      bytes.removeAll(keepingCapacity: true)
      post.append(to: &bytes)
      try run.file.write(bytes)
    }
    try run.file.commit()
    try keep(run.path, rank: rank + 1)
  }
}

/// Hands over the posts of sorted runs and of a sorted array in order, and removes the runs.
private func merge(_ runs: [String], and posts: [Post], to body: (Post) throws -> Void) throws {
  var cursors = try runs.map { Cursor(try openDecoded($0)) }
  // The files live on as long as they are open.
  for run in runs { try removeFile(run) }
  cursors.append(Cursor(posts))
  for index in cursors.indices { try cursors[index].step() }
  while true {
    var least: Int?
    for index in cursors.indices {
      guard let post = cursors[index].post else { continue }
      if let best = least.flatMap({ cursors[$0].post }), !Post.precedes(post, best) { continue }
      least = index
    }
    guard let least, let post = cursors[least].post else { return }
    try body(post)
    try cursors[least].step()
  }
}

/// The next post of a run or an array.
private struct Cursor {
  private let reader: BufferedReader?
  private var posts: ArraySlice<Post> = []
  private var room: [UInt8] = []
  private(set) var post: Post?

  init(_ reader: BufferedReader) { self.reader = reader }

  init(_ posts: [Post]) {
    reader = nil
    self.posts = posts[...]
  }

  mutating func step() throws(Fault) {
    if let reader { post = try Post(from: reader, room: &room) } else { post = posts.popFirst() }
  }
}
