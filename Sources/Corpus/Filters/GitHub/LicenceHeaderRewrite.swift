public import Documents

/// Removes the comment at the head of a source file that states its licence.
///
/// Behind a byte-order mark, a `#!` line, a coding line and `<?php` come comments; the first of
/// them that speaks of a licence goes, with the blank lines behind it, and nothing else does. A
/// comment is a run of lines that begin with `//`, `#`, `--` or `;`, or a block `/* */`,
/// `<!-- -->`, `(* *)`, `"""` or `'''`. Preprocessor lines are no comments, nor are the titles of
/// Markdown, which is known by the `path` in the metadata.
///
/// RedPajama cuts all leading comments, directives and titles with them, and any block comment with
/// `copyright` in it: a known fault that is not repeated here.
public struct LicenceHeaderRewrite: Rewrite {
  public static let name = "github.licence-header"
  /// How many bytes went.
  public static let signals = ["github.licence_bytes"]

  public init() {}

  /// - Complexity: O(head of the file).
  public func rewrite(_ document: inout Document, noting signals: inout Signals) {
    let text = document.text
    let path = document.metadata.string("path") ?? ""
    let isMarkdown = path.hasSuffix(".md") || path.hasSuffix(".markdown")
    let header = licenceHeader(text.span, hashes: !isMarkdown)
    signals["github.licence_bytes"] = Double(header.count)
    if !header.isEmpty {
      document.text = Array(text[..<header.lowerBound] + text[header.upperBound...])
    }
  }
}

/// Where the licence lies; an empty range where there is none.
private func licenceHeader(_ text: Span<UInt8>, hashes: Bool) -> Range<Int> {
  var index = preamble(text)
  while true {
    index = skipBlankLines(text, index)
    let end = commentEnd(text, index, hashes: hashes)
    guard let end else { return 0..<0 }
    if saysLicence(text, index..<end) {
      return index..<skipBlankLines(text, restOfLineIsBlank(text, end) ? lineEnd(text, end) : end)
    }
    index = restOfLineIsBlank(text, end) ? lineEnd(text, end) : end
  }
}

/// The end of what may stand before the first comment.
private func preamble(_ text: Span<UInt8>) -> Int {
  var index = text.has("\u{feff}", at: 0, below: text.count) ? 3 : 0
  if text.has("#!", at: index, below: text.count) { index = lineEnd(text, index) }
  if text.has("<?xml", at: index, below: text.count) { index = lineEnd(text, index) }
  if text.has("<?php", at: index, below: text.count) {
    index += 5
    if restOfLineIsBlank(text, index) { index = lineEnd(text, index) }
  }
  // `# -*- coding: utf-8 -*-` or `# vim: set fileencoding=utf-8`, in the first two lines (PEP 263).
  if text.has("#", at: index, below: text.count) {
    let line = index..<lineEnd(text, index)
    if line.contains(where: { says(text, "coding:", $0, line) || says(text, "coding=", $0, line) })
    {
      index = line.upperBound
    }
  }
  return index
}

/// The end of the comment that begins at `start`, without the end of its last line; nil where no
/// comment begins.
private func commentEnd(_ text: Span<UInt8>, _ start: Int, hashes: Bool) -> Int? {
  let indent = skipSpaces(text, start)
  let blocks: [(StaticString, StaticString)] = [
    ("/*", "*/"), ("<!--", "-->"), ("(*", "*)"), ("\"\"\"", "\"\"\""), ("'''", "'''"),
  ]
  for (opening, closing) in blocks where text.has(opening, at: indent, below: text.count) {
    var index = indent + opening.utf8CodeUnitCount
    while index < text.count {
      if text.has(closing, at: index, below: text.count) {
        return index + closing.utf8CodeUnitCount
      }
      index += 1
    }
    return nil
  }
  for marker: StaticString in ["//", "#", "--", ";"] {
    if text[safely: indent] == 0x23 && !hashes { continue }
    var (end, index) = (start, start)
    while isComment(text, skipSpaces(text, index), marker) {
      let next = lineEnd(text, index)
      end = next > index && text[next - 1] == 0x0a ? next - 1 : next
      if next == index || next == text.count { break }
      index = next
    }
    if end > start { return end }
  }
  return nil
}

/// True where a comment of the style of `marker` begins at `index`.
private func isComment(_ text: Span<UInt8>, _ index: Int, _ marker: StaticString) -> Bool {
  guard text.has(marker, at: index, below: text.count) else { return false }
  if text[index] != 0x23 { return true }
  // `#include`, `#define`, `#import`, `#!`, `#[attribute]`: no comments.
  let directives: [StaticString] = [
    "include", "define", "import", "if", "pragma", "undef", "error", "warning", "line", "region",
    "else", "end", "using", "!", "[",
  ]
  return !directives.contains { text.has($0, at: index + 1, below: text.count) }
}

/// True where the comment names a licence or a right.
private func saysLicence(_ text: Span<UInt8>, _ comment: Range<Int>) -> Bool {
  for index in comment {
    let isSaid =
      switch text[index] | 0x20 {
      case 0x63: says(text, "copyright", index, comment)
      case 0x6c:
        says(text, "license", index, comment) || says(text, "licence", index, comment)
      case 0x73: says(text, "spdx-license-identifier", index, comment)
      case 0x61: says(text, "all rights reserved", index, comment)
      case 0x70: says(text, "permission is hereby granted", index, comment)
      case 0x72: says(text, "redistribution and use", index, comment)
      default: false
      }
    if isSaid { return true }
  }
  return false
}

/// Behind the end of the line that holds `index`.
private func lineEnd(_ text: Span<UInt8>, _ index: Int) -> Int {
  var index = index
  while index < text.count, text[index] != 0x0a { index += 1 }
  return min(index + 1, text.count)
}

private func skipSpaces(_ text: Span<UInt8>, _ index: Int) -> Int {
  var index = index
  while index < text.count, [0x20, 0x09].contains(text[index]) { index += 1 }
  return index
}

private func restOfLineIsBlank(_ text: Span<UInt8>, _ index: Int) -> Bool {
  var index = skipSpaces(text, index)
  while index < text.count, text[index] == 0x0d { index += 1 }
  return index == text.count || text[index] == 0x0a
}

/// Behind the blank lines that begin at `index`.
private func skipBlankLines(_ text: Span<UInt8>, _ index: Int) -> Int {
  var index = index
  while index < text.count, restOfLineIsBlank(text, index) { index = lineEnd(text, index) }
  return index
}

extension Span where Element == UInt8 {
  /// The byte at `index`; nil behind the end.
  fileprivate subscript(safely index: Int) -> UInt8? { index < count ? self[index] : nil }
}
