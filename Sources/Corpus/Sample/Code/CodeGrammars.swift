/// One programming language: how its files are called and what is in them.
struct CodeLanguage: Sendable {
  var suffix: String
  /// How a line of a comment begins.
  var comment: String
  var grammar: Grammar

  private init(_ suffix: String, _ comment: String, _ source: String) {
    self.suffix = suffix
    self.comment = comment
    grammar = Grammar(codeNames, source)
  }

  /// The beginning of a file, or one of its functions or types.
  func text(_ symbol: String, _ dice: inout Dice) -> [UInt8] {
    let names = ["thing", "var", "kind"].map { grammar.text($0, &dice) }
    return grammar.text(symbol, &dice, names)
  }

  static let all = [
    CodeLanguage(".py", "#", python), CodeLanguage(".c", "//", cLanguage),
    CodeLanguage(".js", "//", javaScript), CodeLanguage(".go", "//", goLanguage),
    CodeLanguage(".java", "//", java), CodeLanguage(".sh", "#", shell),
    CodeLanguage(".rs", "//", rust), CodeLanguage(".md", "", markdown),
  ]
}

/// Names and remarks that all languages use.
///
/// In what follows `@0` is the thing, `@1` the variable and `@2` the type that one unit is about.
private let codeNames = #"""
  : act
  read write parse merge split count find update remove insert load store check sort copy encode
  : thing
  record buffer table header token message packet index entry user line node block value field
  : var
  total size offset result limit position current length first last key name items rows width
  : small
  0 1 2 4 8 10 16 32 64 100 256 1024
  : kind
  Reader Writer Index Cache Parser Queue Table Record Tree Counter
  : bad
  empty missing truncated duplicate unknown invalid negative
  = remark
  Returns the number of `thing`s that were `bad` in the `thing`.
  `Act`s every `thing` until the `thing` is `bad`.
  The `thing` must not be `bad` when this is called.
  Stops at the first `bad` `thing`, because the `thing` after it cannot be trusted.
  Keeps the `thing` sorted by `var`, so that a `thing` is found in logarithmic time.
  : Act
  Read Write Parse Merge Split Count Find Update Remove Insert Load Store Check
  = word
  `bad` `thing`
  = op
  +
  -
  *
  = cmp
  <
  >
  ==
  !=
  """#

private let python = #"""
  = start
  import sys\nfrom collections import defaultdict\n\n
  import json\nimport os\n\n
  """`remark`"""\n\nimport math\n\n
  = unit
  def `act`_`@0`(`@1`, `@0`):\n    """`remark`"""\n    `@1` = `small`\n`body`    return `@1`\n\n\n
  def `act`_`@0`s(`@0`s):\n    `@1` = []\n    for `@0` in `@0`s:\n        if `@0`.`@1` `cmp` `small`:\n            `@1`.append(`act`_`@0`(`@0`, `small`))\n    return `@1`\n\n\n
  class `@2`:\n    """`remark`"""\n\n    def __init__(self, `@1`=`small`):\n        self.`@1` = `@1`\n        self.`@0`s = {}\n\n    def `act`(self, `@0`):\n        # `remark`\n        if `@0` in self.`@0`s:\n            raise ValueError("`word`")\n        self.`@0`s[`@0`] = self.`@1` `op` `small`\n        return len(self.`@0`s)\n\n\n
  = body
  `stmt``stmt`
  `stmt``stmt``stmt`
  `stmt`
  = stmt
      for `@1` in range(`small`):\n        `@1` = `@1` `op` `small`\n
      if `@0` is None:\n        raise ValueError("`word`")\n
      # `remark`\n    `@1` = `act`_`@0`(`@0`, `@1` `op` `small`)\n
      while `@1` `cmp` `small`:\n        `@1` = `@1` `op` len(`@0`)\n
  """#

private let cLanguage = #"""
  = start
  #include <stdio.h>\n#include <stdlib.h>\n\n#define MAX_`Up` `small`\n\n
  #include <stddef.h>\n#include <string.h>\n\nstruct `@0` {\n\tsize_t `@1`;\n\tchar *`@0`;\n};\n\n
  : Up
  RECORDS ENTRIES BLOCKS TOKENS LINES
  = unit
  /* `remark` */\nstatic int `act`_`@0`(struct `@0` *`@0`, size_t `@1`)\n{\n\tint result = `small`;\n`body`\treturn result;\n}\n\n
  size_t `act`_`@0`s(const char *`@0`, size_t `@1`)\n{\n\tsize_t i, n = 0;\n\n\tfor (i = 0; i < `@1`; i++) {\n\t\tif (`@0`[i] `cmp` `small`)\n\t\t\tn += `small`;\n\t}\n\treturn n;\n}\n\n
  = body
  `stmt``stmt`
  `stmt``stmt``stmt`
  = stmt
  \tif (`@0` == NULL)\n\t\treturn -`small`;\n
  \tresult = result `op` (int)`@1`;\n
  \t/* `remark` */\n\tresult `op`= `act`_`@0`(`@0`, `@1` `op` `small`);\n
  \twhile (`@1` `cmp` `small`) {\n\t\tresult++;\n\t\t`@1` = `@1` / 2;\n\t}\n
  """#

private let javaScript = #"""
  = start
  'use strict';\n\nconst fs = require('fs');\n\n
  import { `act`, `@2` } from './`@0`.js';\n\n
  = unit
  /**\n * `remark`\n */\nfunction `act``@2`(`@0`, `@1` = `small`) {\n`body`  return `@0`;\n}\n\n
  export const `act``@2` = (`@0`s) => `@0`s\n  .filter((`@0`) => `@0`.`@1` `cmp` `small`)\n  .map((`@0`) => ({ ...`@0`, `@1`: `small` }));\n\n
  class `@2` {\n  constructor(`@1`) {\n    this.`@1` = `@1`;\n    this.`@0`s = new Map();\n  }\n\n  `act`(`@0`) {\n    // `remark`\n    if (!this.`@0`s.has(`@0`)) {\n      throw new Error('`word`');\n    }\n    return this.`@0`s.get(`@0`) `op` this.`@1`;\n  }\n}\n\n
  = body
  `stmt``stmt`
  `stmt`
  = stmt
    for (const `@1` of `@0`) {\n    `act``@2`(`@1`, `small`);\n  }\n
    if (`@0`.length `cmp` `small`) {\n    return null;\n  }\n
    // `remark`\n  const `act`ed = `@0`.`@1` `op` `small`;\n
  """#

private let goLanguage = #"""
  = start
  package `@0`\n\nimport (\n\t"errors"\n\t"fmt"\n)\n\nvar err`@2` = errors.New("`word`")\n\n
  package main\n\nimport "fmt"\n\n
  = unit
  // `act``@2`: `remark`\nfunc `act``@2`(`@0` []byte, `@1` int) (int, error) {\n`body`\treturn `@1`, nil\n}\n\n
  // `@2` holds one `@0` for each `@0`.\ntype `@2` struct {\n\t`@1`  int\n\t`@0` map[string]int\n}\n\nfunc (x *`@2`) `Act`(key string) bool {\n\tx.`@1` = x.`@1` `op` `small`\n\t_, found := x.`@0`[key]\n\treturn found\n}\n\n
  = body
  `stmt``stmt`
  `stmt``stmt``stmt`
  = stmt
  \tif len(`@0`) `cmp` `small` {\n\t\treturn 0, fmt.Errorf("`word`: %d", `@1`)\n\t}\n
  \tfor i := range `@0` {\n\t\t`@1` = `@1` `op` int(`@0`[i])\n\t}\n
  \t// `remark`\n\t`@1` = `@1` `op` `small`\n
  """#

private let java = #"""
  = start
  package org.example.`@0`;\n\nimport java.util.ArrayList;\nimport java.util.List;\n\n
  package org.example.`@0`;\n\nimport java.io.IOException;\nimport java.util.Map;\n\n
  = unit
  /** `remark` */\nfinal class `@2``small` {\n    private int `@1` = `small`;\n    private final List<String> `@0`s = new ArrayList<>();\n\n    int `act`(String `@0`) {\n`body`        return `@1`;\n    }\n}\n\n
  = body
  `stmt``stmt`
  `stmt``stmt``stmt`
  = stmt
          if (`@0`.length() `cmp` `small`) {\n            throw new IllegalArgumentException("`word`");\n        }\n
          for (String each : `@0`s) {\n            `@1` += each.length() `op` `small`;\n        }\n
          // `remark`\n        `@0`s.add(`@0`);\n
          `@1` = Math.max(`@1`, `small`);\n
  """#

private let shell = #"""
  = start
  #!/bin/sh\n# `remark`\nset -eu\n\n
  = unit
  `act`_`@0`() {\n`body`}\n\n
  for `@0` in "$@"; do\n  `act`_`@0` "$`@0`" `small` || exit `small`\ndone\n\n
  = body
  `stmt``stmt`
  `stmt``stmt``stmt`
  = stmt
    `@1`=$(wc -l < "$1")\n
    if [ "$`@1`" -gt `small` ]; then\n    echo "`word`: $1" >&2\n    return `small`\n  fi\n
    # `remark`\n  sort -u "$1" | head -n `small` > "$1.`@0`"\n
    printf '%s\\n' "`act` the `@0`"\n
  """#

private let rust = #"""
  = start
  use std::collections::HashMap;\n\n
  use std::io::{self, Read};\n\n
  = unit
  /// `remark`\npub fn `act`_`@0`(`@0`: &[u8], mut `@1`: usize) -> Option<usize> {\n`body`    Some(`@1`)\n}\n\n
  #[derive(Debug, Clone)]\npub struct `@2` {\n    `@1`: usize,\n    `@0`s: Vec<String>,\n}\n\nimpl `@2` {\n    /// `remark`\n    pub fn `act`(&mut self, `@0`: &str) -> bool {\n        self.`@1` += `small`;\n        self.`@0`s.iter().any(|each| each == `@0`)\n    }\n}\n\n
  = body
  `stmt``stmt`
  `stmt``stmt``stmt`
  = stmt
      if `@0`.is_empty() {\n        return None;\n    }\n
      for byte in `@0` {\n        `@1` = `@1`.wrapping_add(*byte as usize `op` `small`);\n    }\n
      // `remark`\n    `@1` = `@1`.max(`small`);\n
  """#

private let markdown = #"""
  = start
  # `@2`\n\nA small library to `act` `@0`s. It is fast enough for `small` `@0`s a second.\n\n
  = unit
  ## How to `act` a `@0`\n\n`remark` `remark`\n\n* `remark`\n* `remark`\n\n
  ## The `@0` format\n\n`remark` A `bad` `@0` is reported once.\n\n    `act` --`@1` `small` file.`@0`\n\n
  """#
