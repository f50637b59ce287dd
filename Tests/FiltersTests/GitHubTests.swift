import Documents
import Filters
import TestSupport
import Testing

@Suite struct GitHubTests {
  @Test(
    arguments: [
      ("ab\ncdé\r\n\nx", [3, 10.0 / 4, 6.0 / 10]),
      ("", [0, 0, 0]),
      ("\u{2028}ab\u{b}", [2, 4.0 / 2, 2.0 / 4]),
      ("½日_", [3, 3, 2.0 / 3]),
    ] as [(String, [Double])])
  func signal(text: String, values: [Double]) {
    let found = signals(GitHubMeasure(), text)
    #expect(found.entries.map(\.name) == GitHubMeasure.signals)
    #expect(found.entries.map(\.value) == values)
  }

  @Test func textIsCountedInBytesCharactersAndLines() {
    #expect(signals(TextMeasure(), "äb\nc").entries.map(\.value) == [5, 4, 2])
    #expect(signals(TextMeasure(), "a\n\n").entries.map(\.value) == [3, 3, 2])
    #expect(signals(TextMeasure(), "").entries.map(\.value) == [0, 0, 0])
  }

  /// Files and what is left of them; nil where nothing goes.
  @Test(
    arguments: [
      ("// Copyright 2020 X\n// All.\n\nint a;\n", "int a;\n"),
      ("/* (c)\n * License: MIT\n */\n\n#include <a.h>\n", "#include <a.h>\n"),
      ("#!/bin/sh\n# Copyright X\n\necho\n", "#!/bin/sh\necho\n"),
      ("# -*- coding: utf-8 -*-\n# Copyright X\nimport a\n", "# -*- coding: utf-8 -*-\nimport a\n"),
      ("<?php\n/** @license MIT */\nclass A {}\n", "<?php\nclass A {}\n"),
      ("\u{feff}-- SPDX-License-Identifier: MIT\nSELECT 1;\n", "\u{feff}SELECT 1;\n"),
      (";; All Rights Reserved.\n(a)\n", "(a)\n"),
      ("<!-- Licensed under the Apache License -->\n<a/>\n", "<a/>\n"),
      ("(* Permission is hereby granted *)\nlet a = 1\n", "let a = 1\n"),
      ("\"\"\"Redistribution and use\n\"\"\"\nimport a\n", "import a\n"),
      ("//go:build linux\n\n// Copyright X\n\npackage a\n", "//go:build linux\n\npackage a\n"),
      ("/* licence */ int a;\n", " int a;\n"),
      ("// Copyright X\r\nint a;\r\n", "int a;\r\n"),
      ("// what it does\nint a; // Copyright\n", nil),
      ("int a;\n/* Copyright X */\n", nil),
      ("#include <license.h>\nint a;\n", nil),
      ("#[license]\nfn a() {}\n", nil),
      ("/* Copyright, never closed\nint a;\n", nil),
      ("# Notes\n\nThe license is below.\n", nil),
      ("", nil),
      ("// Copyright", ""),
    ] as [(String, String?)])
  func licence(text: String, left: String?) {
    let found = rewritten(LicenceHeaderRewrite(), text)
    #expect(found.text == left ?? text)
    #expect(
      found.signals["github.licence_bytes"]
        == Double(text.utf8.count - (left ?? text).utf8.count))
  }

  @Test func titlesOfMarkdownStay() {
    #expect(
      rewritten(LicenceHeaderRewrite(), "# License\n\nMIT\n", path: "a/b.md").text.hasPrefix("#"))
    #expect(rewritten(LicenceHeaderRewrite(), "# License\n\nMIT\n", path: "a/b.py").text == "MIT\n")
  }

  @Test(.timeLimit(.minutes(1)), arguments: ["/*", "/**/", "#\n", "#\n\n", " "])
  func hostileFilesCostLinearTime(piece: String) {
    let text = piece * 150_000
    #expect(rewritten(LicenceHeaderRewrite(), text).text == text)
  }

  @Test func presetsAskForSignalsThatTheCatalogueHas() {
    let known = Set(filterCatalogue.flatMap(\.signals))
    for preset in presets {
      #expect(!preset.rules.isEmpty && !preset.source.isEmpty)
      for rule in preset.rules { #expect(known.contains(rule.signal), "\(rule.signal)") }
    }
    for entry in filterCatalogue {
      switch entry.kind {
      case .measure:
        var found = Signals()
        measure(named: entry.name)?.measure(document("a text"), into: &found)
        #expect(found.entries.map(\.name) == entry.signals)
      case .rewrite:
        var (text, found) = (document("a text"), Signals())
        rewrite(named: entry.name)?.rewrite(&text, noting: &found)
        #expect(found.entries.map(\.name) == entry.signals)
      }
    }
    #expect(presetRules("nothing") == nil && presets.count == 3)
  }
}
