import Glibc
import Ground
import TestSupport
import Testing

@Suite struct WritingTests {
  @Test func aFileAppearsWithItsCommitOnly() throws {
    let folder = try TemporaryFolder()
    let path = "\(folder.path)/file"
    var file = try AtomicFile(path: path)
    try file.write(Array("hello".utf8))
    #expect(fileKind(path) == .nothing)
    try file.commit()
    #expect(try openDecoded(path).readToEnd() == Array("hello".utf8))
    #expect(try names(in: folder.path) == ["file"])
  }

  @Test func aDroppedFileLeavesNothing() throws {
    let folder = try TemporaryFolder()
    do {
      var file = try AtomicFile(path: "\(folder.path)/file")
      try file.write([UInt8](repeating: 1, count: 1 << 20))
    }
    #expect(try names(in: folder.path).isEmpty)
  }

  @Test func leftoversOfDeadProcessesAreSwept() throws {
    let folder = try TemporaryFolder()
    // Process numbers end at 2²² on Linux, so this one never lives.
    let dead = try folder.write("x", to: "deep/file.quipu-part-99999999")
    let mine = try folder.write("x", to: "file.quipu-part-\(getpid())")
    let other = try folder.write("x", to: "notes.txt")
    #expect(try sweepLeftovers(under: folder.path) == 2)
    #expect(fileKind(dead) == .nothing && fileKind(mine) == .nothing && fileKind(other) == .file)
  }

  @Test func zstandardFilesReadBack() throws {
    let folder = try TemporaryFolder()
    let path = "\(folder.path)/file.zst"
    var file = try ZstdFile(path: path)
    for number in 0..<100_000 { try file.write(Array("line \(number)\n".utf8)) }
    #expect(file.count == 1_088_890)
    try file.commit()
    let bytes = try openDecoded(path).readToEnd()
    #expect(bytes.count == 1_088_890 && bytes.suffix(6) == Array("99999\n".utf8))
  }

  @Test func aFolderIsLockedOnceUntilTheLockGoesAway() throws {
    let folder = try TemporaryFolder()
    do {
      let lock = try FolderLock(folder.path, for: "writing here")
      defer { withExtendedLifetime(lock) {} }
      let fault = #expect(throws: Fault.self) { try FolderLock(folder.path, for: "writing here") }
      #expect(fault?.cause == .unusable("another process is writing here"))
    }
    _ = try FolderLock(folder.path, for: "writing here")
    #expect(try names(in: folder.path).isEmpty)
    #expect(throws: Fault.self) { try FolderLock("\(folder.path)/none", for: "writing here") }
  }

  @Test func filesAreListedInByteOrder() throws {
    let folder = try TemporaryFolder()
    for name in ["b/z", "a", "B", "é", "b/a"] { _ = try folder.write("", to: name) }
    #expect(try files(under: folder.path) == ["B", "a", "b/a", "b/z", "é"])
  }

  @Test(.enabled(if: fileKind("/dev/full") == .file, "this system has no /dev/full"))
  func aFullDiskStopsTheRunAndSaysWhatToDo() throws {
    let fault = #expect(throws: Fault.self) {
      let descriptor = unsafe open("/dev/full", O_WRONLY)
      defer { close(descriptor) }
      guard unsafe write(descriptor, "x", 1) >= 0 else { throw Fault.system("write", "/dev/full") }
    }
    #expect(fault?.stopsTheRun == true)
    #expect(fault?.remedy?.contains("free some space") == true)
  }
}
