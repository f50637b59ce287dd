/// Years and numbers in figures, which all languages but English take from here.
let figures = #"""
  = year
  1`nine``digit``digit`
  : nine
  7 8 9
  : digit
  0 1 2 3 4 5 6 7 8 9
  = number
  `nine``digit`
  """#

/// Names of people and towns, put together from a language's own parts.
let compoundNames = #"""
  = name
  `given` `family`
  = family
  `stem``tail`
  = town_name
  `stem``town`
  """#
