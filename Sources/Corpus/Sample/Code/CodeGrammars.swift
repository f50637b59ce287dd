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

  static let all = [
    CodeLanguage(".py", "#", python), CodeLanguage(".c", "//", cLanguage),
    CodeLanguage(".js", "//", javaScript), CodeLanguage(".go", "//", goLanguage),
    CodeLanguage(".java", "//", java), CodeLanguage(".sh", "#", shell),
    CodeLanguage(".rs", "//", rust), CodeLanguage(".md", "", markdown),
  ]
}

/// Names and remarks that all languages use.
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
  def `act`_`thing`(`var`, `thing`):\n    """`remark`"""\n    `var` = `small`\n`body`    return `var`\n\n\n
  def `act`_`thing`s(`thing`s):\n    `var` = []\n    for `thing` in `thing`s:\n        if `thing`.`var` `cmp` `small`:\n            `var`.append(`act`_`thing`(`thing`, `small`))\n    return `var`\n\n\n
  class `kind`:\n    """`remark`"""\n\n    def __init__(self, `var`=`small`):\n        self.`var` = `var`\n        self.`thing`s = {}\n\n    def `act`(self, `thing`):\n        # `remark`\n        if `thing` in self.`thing`s:\n            raise ValueError("`word`")\n        self.`thing`s[`thing`] = self.`var` `op` `small`\n        return len(self.`thing`s)\n\n\n
  = body
  `stmt``stmt`
  `stmt``stmt``stmt`
  `stmt`
  = stmt
      for `var` in range(`small`):\n        `var` = `var` `op` `small`\n
      if `thing` is None:\n        raise ValueError("`word`")\n
      # `remark`\n    `var` = `act`_`thing`(`thing`, `var` `op` `small`)\n
      while `var` `cmp` `small`:\n        `var` = `var` `op` len(`thing`)\n
  """#

private let cLanguage = #"""
  = start
  #include <stdio.h>\n#include <stdlib.h>\n\n#define MAX_`Up` `small`\n\n
  #include <stddef.h>\n#include <string.h>\n\nstruct `thing` {\n\tsize_t `var`;\n\tchar *`thing`;\n};\n\n
  : Up
  RECORDS ENTRIES BLOCKS TOKENS LINES
  = unit
  /* `remark` */\nstatic int `act`_`thing`(struct `thing` *`thing`, size_t `var`)\n{\n\tint result = `small`;\n`body`\treturn result;\n}\n\n
  size_t `act`_`thing`s(const char *`thing`, size_t `var`)\n{\n\tsize_t i, n = 0;\n\n\tfor (i = 0; i < `var`; i++) {\n\t\tif (`thing`[i] `cmp` `small`)\n\t\t\tn += `small`;\n\t}\n\treturn n;\n}\n\n
  = body
  `stmt``stmt`
  `stmt``stmt``stmt`
  = stmt
  \tif (`thing` == NULL)\n\t\treturn -`small`;\n
  \tresult = result `op` (int)`var`;\n
  \t/* `remark` */\n\tresult `op`= `act`_`thing`(`thing`, `var` `op` `small`);\n
  \twhile (`var` `cmp` `small`) {\n\t\tresult++;\n\t\t`var` = `var` / 2;\n\t}\n
  """#

private let javaScript = #"""
  = start
  'use strict';\n\nconst fs = require('fs');\n\n
  import { `act`, `kind` } from './`thing`.js';\n\n
  = unit
  /**\n * `remark`\n */\nfunction `act``kind`(`thing`, `var` = `small`) {\n`body`  return `thing`;\n}\n\n
  export const `act``kind` = (`thing`s) => `thing`s\n  .filter((`thing`) => `thing`.`var` `cmp` `small`)\n  .map((`thing`) => ({ ...`thing`, `var`: `small` }));\n\n
  class `kind` {\n  constructor(`var`) {\n    this.`var` = `var`;\n    this.`thing`s = new Map();\n  }\n\n  `act`(`thing`) {\n    // `remark`\n    if (!this.`thing`s.has(`thing`)) {\n      throw new Error('`word`');\n    }\n    return this.`thing`s.get(`thing`) `op` this.`var`;\n  }\n}\n\n
  = body
  `stmt``stmt`
  `stmt`
  = stmt
    for (const `var` of `thing`) {\n    `act``kind`(`var`, `small`);\n  }\n
    if (`thing`.length `cmp` `small`) {\n    return null;\n  }\n
    // `remark`\n  const `act`ed = `thing`.`var` `op` `small`;\n
  """#

private let goLanguage = #"""
  = start
  package `thing`\n\nimport (\n\t"errors"\n\t"fmt"\n)\n\nvar err`kind` = errors.New("`word`")\n\n
  package main\n\nimport "fmt"\n\n
  = unit
  // `act``kind`: `remark`\nfunc `act``kind`(`thing` []byte, `var` int) (int, error) {\n`body`\treturn `var`, nil\n}\n\n
  // `kind` holds one `thing` for each `thing`.\ntype `kind` struct {\n\t`var`  int\n\t`thing` map[string]int\n}\n\nfunc (x *`kind`) `Act`(key string) bool {\n\tx.`var` = x.`var` `op` `small`\n\t_, found := x.`thing`[key]\n\treturn found\n}\n\n
  = body
  `stmt``stmt`
  `stmt``stmt``stmt`
  = stmt
  \tif len(`thing`) `cmp` `small` {\n\t\treturn 0, fmt.Errorf("`word`: %d", `var`)\n\t}\n
  \tfor i := range `thing` {\n\t\t`var` = `var` `op` int(`thing`[i])\n\t}\n
  \t// `remark`\n\t`var` = `var` `op` `small`\n
  """#

private let java = #"""
  = start
  package org.example.`thing`;\n\nimport java.util.ArrayList;\nimport java.util.List;\n\n
  package org.example.`thing`;\n\nimport java.io.IOException;\nimport java.util.Map;\n\n
  = unit
  /** `remark` */\nfinal class `kind``small` {\n    private int `var` = `small`;\n    private final List<String> `thing`s = new ArrayList<>();\n\n    int `act`(String `thing`) {\n`body`        return `var`;\n    }\n}\n\n
  = body
  `stmt``stmt`
  `stmt``stmt``stmt`
  = stmt
          if (`thing`.length() `cmp` `small`) {\n            throw new IllegalArgumentException("`word`");\n        }\n
          for (String each : `thing`s) {\n            `var` += each.length() `op` `small`;\n        }\n
          // `remark`\n        `thing`s.add(`thing`);\n
          `var` = Math.max(`var`, `small`);\n
  """#

private let shell = #"""
  = start
  #!/bin/sh\n# `remark`\nset -eu\n\n
  = unit
  `act`_`thing`() {\n`body`}\n\n
  for `thing` in "$@"; do\n  `act`_`thing` "$`thing`" `small` || exit `small`\ndone\n\n
  = body
  `stmt``stmt`
  `stmt``stmt``stmt`
  = stmt
    `var`=$(wc -l < "$1")\n
    if [ "$`var`" -gt `small` ]; then\n    echo "`word`: $1" >&2\n    return `small`\n  fi\n
    # `remark`\n  sort -u "$1" | head -n `small` > "$1.`thing`"\n
    printf '%s\\n' "`act` the `thing`"\n
  """#

private let rust = #"""
  = start
  use std::collections::HashMap;\n\n
  use std::io::{self, Read};\n\n
  = unit
  /// `remark`\npub fn `act`_`thing`(`thing`: &[u8], mut `var`: usize) -> Option<usize> {\n`body`    Some(`var`)\n}\n\n
  #[derive(Debug, Clone)]\npub struct `kind` {\n    `var`: usize,\n    `thing`s: Vec<String>,\n}\n\nimpl `kind` {\n    /// `remark`\n    pub fn `act`(&mut self, `thing`: &str) -> bool {\n        self.`var` += `small`;\n        self.`thing`s.iter().any(|each| each == `thing`)\n    }\n}\n\n
  = body
  `stmt``stmt`
  `stmt``stmt``stmt`
  = stmt
      if `thing`.is_empty() {\n        return None;\n    }\n
      for byte in `thing` {\n        `var` = `var`.wrapping_add(*byte as usize `op` `small`);\n    }\n
      // `remark`\n    `var` = `var`.max(`small`);\n
  """#

private let markdown = #"""
  = start
  # `kind`\n\nA small library to `act` `thing`s. It is fast enough for `small` `thing`s a second.\n\n
  = unit
  ## How to `act` a `thing`\n\n`remark` `remark`\n\n* `remark`\n* `remark`\n\n
  ## The `thing` format\n\n`remark` A `bad` `thing` is reported once.\n\n    `act` --`var` `small` file.`thing`\n\n
  """#
