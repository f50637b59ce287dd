import Foundation
import Ground
import TestSupport
import Testing

/// What a user sees when something is wrong.
@Suite struct BadInputTests {
  private func line(_ text: String) -> String {
    #"{"text":"\#(text)","timestamp":"2019-04-25T12:57:54Z","url":"https://example.org/"}"# + "\n"
  }

  @Test func aMissingFileIsNamedWithARemedy() throws {
    let outcome = try Program.run("ingest", "c4", "nowhere.json.gz")
    #expect(outcome.status == 1)
    #expect(
      outcome.errors
        == "error: nowhere.json.gz: byte 0: open failed: No such file or directory\n"
        + "  Check the path.\n")
  }

  @Test func aWrongSourceIsWrongUsage() throws {
    let outcome = try Program.run("ingest", "wikipaedia", "x")
    #expect(outcome.status == 64)
    #expect(outcome.errors.contains("There is no source 'wikipaedia'; there are arxiv, books, c4"))
  }

  @Test func aWrongKeyInAManifestIsNamedWithItsLine() throws {
    let folder = try TemporaryFolder()
    let path = try folder.write("name: x\nadded: 2023-02-27\nsorces: {}\n", to: "m.yaml")
    let outcome = try Program.run("build", path, "--work", "\(folder.path)/work")
    #expect(outcome.status == 1)
    #expect(
      outcome.errors
        == "error: \(path): line 3: unknown key \"sorces\"; did you mean \"sources\"?\n")
  }

  @Test func foldersOfRepositoriesAndOfPapersAreInputs() throws {
    let folder = try TemporaryFolder()
    let licence =
      "Permission is hereby granted to deal in the software without restriction, they say.\n"
    for name in ["one", "two"] {
      _ = try folder.write(licence, to: "repositories/\(name)/LICENSE")
      _ = try folder.write("let knots = \(name.count)\n", to: "repositories/\(name)/main.rs")
    }
    _ = try folder.write(
      "\\documentclass{article}\n\\begin{document}\n\\section{Knots}\nCords.\n\\end{document}\n",
      to: "paper/main.tex")
    let code = try Program.run("ingest", "github", "\(folder.path)/repositories")
    #expect(code.output.split(separator: "\n").count == 2, "\(code.errors)")
    let paper = try Program.run("ingest", "arxiv", "\(folder.path)/paper")
    #expect(paper.output.contains("Cords."), "\(paper.errors)")
  }

  @Test func badRecordsAreSkippedAndCounted() throws {
    let folder = try TemporaryFolder()
    let bytes = Array(line("good one").utf8) + Array("{\"text\":\"\u{1}".utf8) + [0xff, 0xfe, 0x0a]
    let path = try folder.write(bytes + Array(line("good two").utf8), to: "a.json")
    let outcome = try Program.run("ingest", "c4", path)
    #expect(outcome.status == 0)
    #expect(outcome.output.split(separator: "\n").count == 2)
    #expect(outcome.errors.contains("\(path): byte \(line("good one").utf8.count): "))
    #expect(try Program.run("ingest", "c4", path, "--strict").status == 1)
  }

  @Test func aCutGzipKeepsWhatCameBefore() throws {
    let folder = try TemporaryFolder()
    let text = (0..<2000).map { line("document number \($0)") }.joined()
    let whole = gzipMember(of: Array(text.utf8))
    let path = try folder.write(Array(whole[..<(whole.count / 2)]), to: "a.json.gz")
    for jobs in ["1", "4"] {
      let outcome = try Program.run("ingest", "c4", path, "--jobs", jobs)
      #expect(outcome.status == 0)
      let lines = outcome.output.split(separator: "\n").count
      #expect(lines > 100 && lines < 2000)
      #expect(outcome.errors.contains("is cut short"))
    }
  }

  /// Two gigabytes without a line's end, stored sparsely; memory stays bounded and the next line is
  /// read.
  @Test func aLineOfTwoGigabytesIsSkipped() throws {
    let folder = try TemporaryFolder()
    let path = try folder.write("", to: "a.json")
    let file = try FileHandle(forWritingTo: URL(filePath: path))
    try file.truncate(atOffset: 2_200_000_000)
    try file.seekToEnd()
    try file.write(contentsOf: Data(("\n" + line("after it")).utf8))
    try file.close()
    let outcome = try Program.run("ingest", "c4", path)
    #expect(outcome.status == 0)
    #expect(outcome.output.contains("after it"))
    #expect(outcome.errors.contains("is longer than the limit"))
  }

  @Test(.enabled(if: fileKind("/dev/full") == .file, "this system has no /dev/full"))
  func aFullDiskStopsTheRunAndSaysWhatToDo() throws {
    let folder = try TemporaryFolder()
    let path = try folder.write(line("one"), to: "a.json")
    let process = Process()
    process.executableURL = URL(filePath: "/bin/sh")
    process.arguments = [
      "-c", "'\(Program.path)' ingest c4 '\(path)' >/dev/full 2>'\(folder.path)/errors'",
    ]
    try process.run()
    process.waitUntilExit()
    #expect(process.terminationStatus == 1)
    let errors = try String(
      decoding: openDecoded("\(folder.path)/errors").readToEnd(), as: UTF8.self)
    #expect(
      errors.contains("error: standard output: byte 0: write failed: No space left on device"))
    #expect(errors.contains("free some space"))
  }

  /// Needs the right to mount a small file system, so it is skipped elsewhere than on CI's machines.
  @Test(.enabled(if: geteuid() == 0, "mounting needs root"))
  func aFullDiskStopsABuildWhichThenGoesOn() throws {
    let folder = try TemporaryFolder()
    let small = "\(folder.path)/small"
    try makeFolder(small)
    guard try shell("mount -t tmpfs -o size=2500k tmpfs '\(small)'") == 0 else { return }
    defer { _ = try? shell("umount '\(small)'") }
    _ = try Program.run("sample", "\(folder.path)/inputs", "--size", "1MB", "--quiet")
    let build = [
      "build", "\(repository)/Manifests/sample.yaml", "--inputs", "\(folder.path)/inputs",
      "--quiet", "--work",
    ]
    let stopped = try Program.run(build + ["\(small)/work"])
    #expect(stopped.status == 1)
    #expect(stopped.errors.contains("The disk is full: free some space"), "\(stopped.errors)")
    #expect(try shell("mount -o remount,size=100m '\(small)'") == 0)
    #expect(try Program.run(build + ["\(small)/work"]).status == 0)
    #expect(try Program.run(build + ["\(folder.path)/whole"]).status == 0)
    #expect(
      try sha256(file: "\(small)/work/mix.json") == sha256(file: "\(folder.path)/whole/mix.json"))
  }

  private func shell(_ command: String) throws -> Int32 {
    let process = Process()
    process.executableURL = URL(filePath: "/bin/sh")
    process.arguments = ["-c", command + " 2>/dev/null"]
    try process.run()
    process.waitUntilExit()
    return process.terminationStatus
  }

  @Test func aModelThatDoesNotFitIsRefused() throws {
    let folder = try TemporaryFolder()
    try makeFolder("\(folder.path)/inputs")
    let manifest = "\(repository)/Manifests/sample.yaml"
    _ = try Program.run("sample", "\(folder.path)/inputs", "--size", "100KB", "--quiet")
    _ = try Program.run(
      "build", manifest, "--inputs", "\(folder.path)/inputs", "--work", "\(folder.path)/work",
      "--quiet")
    let outcome = try Program.run(
      "train", "\(repository)/Manifests/models/65b.yaml", "--data", "\(folder.path)/work/shards",
      "--output", "\(folder.path)/run")
    #expect(outcome.status == 1)
    #expect(outcome.errors.contains("a rank needs "))
    #expect(fileKind("\(folder.path)/run") == .nothing)
  }

  @Test func everyCommandShowsAnExample() throws {
    let help = try Program.run("--help").output
    let commands = help.components(separatedBy: "SUBCOMMANDS:").last?
      .split(separator: "\n").compactMap { line in
        line.hasPrefix("  ") && !line.hasPrefix("   ")
          ? line.split(separator: " ").first.map(String.init) : nil
      }
    #expect((commands?.count ?? 0) >= 14)
    for command in commands ?? [] where command != "See" {
      let outcome = try Program.run(command, "--help")
      #expect(outcome.status == 0)
      #expect(outcome.output.contains("quipu \(command) "), "\(command)")
    }
  }
}
