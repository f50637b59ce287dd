/// What is common to all English texts: how sentences are built, names, times, small words.
///
/// `@0` is the text's subject, `@1` a person, `@2` a place.
let english = #"""
  = s
  `np` `verbed` `np` `when`.
  `np` `verbed` `np`, and `np` `verbed` `np`.
  `when`, `np` `verbed` `np` `where`.
  `npl` `were` `part` `where`, because `np` `verbed` `np`.
  although `np` `verbed` `np`, `npl` `were` still `adj`.
  it was `person` who `verbed` `np` `when`.
  nobody knew why `np` `verbed` `npl` so `adverb`.
  there is `a` `adj` `noun` `where`, and it `verbs` `npl` `often`.
  `npl` that `verb` `npl` are `adj`, but they rarely `verb` `np`.
  to `verb` `npl`, one needs `a` `adj` `noun` and `a` `noun`.
  most `agents` agree that `npl` `verb` `npl` `often`.
  the `noun` `where` was `adj`, `adj` and `adverb` `verbpp` by the `agents`.
  `person` wrote that `np` had `verbpp` `np` `when`.
  if `np` `verbs` `np`, then `npl` will `verb` `np` as well.
  the first `noun` was `verbpp` `when`, the second `when`.
  `np` is larger than `np`, but it `verbs` fewer `nouns`.
  before `np` was `verbpp`, `npl` had to `verb` `npl` by hand.
  about `count` `nouns` were `verbpp` `where` `when`.
  `person` and `person` `verbed` `npl` together until `np` was `adj`.
  not every `agent` can `verb` `npl`, and few of them want to.
  `when`, the price of `npl` `rose` by `number` per cent.
  the `agents` `verbed` `npl` with `a` `noun`, `a` `noun` and `a` `adj` `noun`.
  it is `adj` to `verb` `npl` without `a` `noun`.
  while `person` `verbed` `npl`, the other `agents` `verbed` `np`.
  `npl` have to be `verbpp` `adverb`, or `np` will `verb` them.
  what `np` `verbs` is `adj`; what it does not `verb` is lost.
  in `place`, `npl` are `verbpp` `often`, whereas in `place` they are not.
  the `agent` said that `npl` `verb` `np` only `when_now`.
  `person`, who had `verbpp` `npl` in `place`, was the first to `verb` `np`.
  `verbing` `npl` is `adj` work, and `npl` make it no easier.
  after `verbing` `np`, the `agents` of `place` `verbed` `npl` `when`.
  neither `np` nor `np` `verbed` `npl` in those days.
  the `adj` `noun` of `place` has been `verbpp` `number` times since `year`.
  some say that `npl` `verb` `npl`; others say that they `verb` `np`.
  `person` asked whether `npl` could be `verbpp`, and the answer was `adj`.
  this is why `npl` `verb` `npl`, and why `np` `verbs` `np`.
  many of the `nouns` `where` were `verbpp` by `person` in `year`.
  `npl` are sold `where`, where `agents` `verb` them `often`.
  `@0` `verbed` `np` `when`.
  `@0` is `adj`, and it `verbs` `npl` `often`.
  `np` `verbed` `@0`, which `person` had `verbpp` `when`.
  without `@0`, `npl` would `verb` `np` `often`.
  `@1` `verbed` `np` `when`.
  `@1` had `a` `adj` `noun`, and with it `@1` `verbed` `npl`.
  in `@2`, `npl` `were` `part` `when`.
  the `agents` of `@2` `verbed` `npl` `adverb`.
  `when`, `@1` came back to `@2` and `verbed` `np`.
  according to `@1`, `npl` `verb` `npl` `often`.
  = np
  the `noun`
  the `adj` `noun`
  the `adj` `noun`
  `a` `noun`
  `a` `adj` `noun`
  every `noun`
  this `noun`
  the `noun` of `place`
  the `noun` of the `noun`
  the `agent`
  the `agent` with the `adj` `noun`
  the `noun` that `person` had `verbpp`
  `person`
  another `noun`
  the old `noun` behind the `noun`
  = npl
  `nouns`
  `nouns`
  `adj` `nouns`
  the `nouns`
  the `adj` `nouns`
  some `nouns`
  many `nouns`
  `nouns` and `nouns`
  `nouns` or `nouns`
  `number_word` `nouns`
  the `agents`
  all the `nouns` of the `noun`
  those `nouns` which `agents` `verb`
  the `number_word` `nouns` of `place`
  the `noun` and the `noun`
  `nouns` from `place`
  = part
  `verbpp`
  `verbpp`
  `adverb` `verbpp`
  never `verbpp`
  = when
  in `year`
  in the spring of `year`
  at the end of `year`
  in the `ordinal` century
  on `day`
  `number_word` years later
  a few days later
  during the `adj` winter
  before the war
  every `season`
  for many years
  not long ago
  early in the morning
  after the `noun` was `verbpp`
  = when_now
  in `season`
  at night
  on `weekday` mornings
  when it rains
  if the `noun` is `adj`
  after dark
  = where
  in `place`
  near `place`
  `site`
  `site`
  `site`
  between `place` and `place`
  on the other side of the `noun`
  = often
  often
  now and then
  twice a year
  without difficulty
  in `season`
  more and more
  as well as they can
  to this day
  = rose
  rose
  fell
  = were
  were
  had been
  are
  = name
  `given` `family`
  = person
  `name`
  `name`
  `given`
  `@1`
  = day
  `number_small` `month` `year`
  a `weekday` in `month`
  the first `weekday` of `month`
  = year
  1`seven`
  1`seven`
  20`low``digit`
  = seven
  6`digit``digit`
  7`digit``digit`
  8`digit``digit`
  9`digit``digit`
  9`digit``digit`
  = count
  `number`
  `number`00
  `number`,000
  = number
  `nonzero`
  `nonzero``digit`
  `nonzero``digit`
  = number_small
  `nonzero`
  1`digit`
  2`digit`
  : digit
  0 1 2 3 4 5 6 7 8 9
  : low
  0 1
  : nonzero
  1 2 3 4 5 6 7 8 9
  : number_word
  two three four five six seven eight nine ten twelve twenty
  : ordinal
  sixteenth seventeenth eighteenth nineteenth twentieth
  : season
  spring summer autumn winter
  : weekday
  Monday Tuesday Wednesday Thursday Friday Saturday Sunday
  : month
  January February March April May June July August September October November December
  : adverb
  slowly quickly carefully rarely quietly badly openly secretly gladly patiently suddenly calmly
  : given
  Anna Peter Clara Edwin Ruth Martin Alice Hugo Nora Simon Ellen Victor Mabel Oscar Judith Leo
  Harriet Felix Irene Walter Sylvia Ralph Edith Conrad Agnes Bruno Thea Gilbert Louisa Magnus
  = family
  `stem``tail`
  : stem
  Ash Black Cald Dun East Fair Green Hart Kel Long Marsh Nor Oak Pen Rad Stan Thorn Whit Wood Win
  Brad Car Hol Lang Mill Sum
  : tail
  ford field well ley ton man worth wick by more combe stead bury ridge er ing
  = town_name
  `stem``town`
  = place
  `town_name`
  `town_name`
  `town_name`
  `@2`
  : town
  port haven mouth bridge gate minster hampton burgh stow church dale mere cliff market
  : adj
  large small old new quiet heavy simple rare common useful careful narrow broad early late
  strange plain empty full local foreign modern ancient steady
  : verb
  see/saw/seen find/found/found keep/kept/kept make/made/made change bring/brought/brought
  follow remember describe show/showed/shown need move choose/chose/chosen leave/left/left
  = dialogue
  “`remark`,” said `@1`.
  “`remark`,” said `person`, “and `reply`.”
  “`remark`.” `@1` looked at the `noun`. “`Reply`.”
  “`Question`?” asked `person`.
  “`Reply`,” `@1` answered `adverb`. “`remark`, and you know it.”
  `person` laughed. “`remark`, though nobody will believe it.”
  “No,” said `@1`, “`remark`.”
  = remark
  We never `verbed` the `noun`
  I have `verbpp` `npl` all my life
  You cannot `verb` `npl` with `a` `noun`
  There are `adj` `nouns` in `place`
  My father `verbed` `npl` `when`
  They say that `npl` `verb` `npl`
  I would rather `verb` `np` than `verb` `np`
  Somebody has `verbpp` the `adj` `noun`
  = reply
  I mean to `verb` `np` before `season`
  it was the `agent` who `verbed` it
  that is how `npl` are `verbpp`
  nobody asked me about the `noun`
  we shall `verb` it again
  = Reply
  I mean to `verb` `np` before `season`
  It was the `agent` who `verbed` it
  That is how `npl` are `verbpp`
  Nobody asked me about the `noun`
  We shall `verb` it again
  = Question
  Did the `agents` `verb` `np`
  Who has `verbpp` the `adj` `noun`
  Why do `npl` `verb` `npl`
  Have you ever `verbpp` `a` `noun` in `place`
  = title
  The `adj` `noun` of `place`
  How `agents` `verb` `npl`
  `Verbing` `nouns` in `place`
  A short history of `npl` in `place`
  `number_word` `adj` `nouns` and what they `verb`
  Why `npl` `verb` `npl`
  `name` and the `noun`
  The `noun` and the `noun`
  = Verbing
  Finding
  Keeping
  Making
  Choosing
  Moving
  = subject
  the `adj` `noun` of `place`
  the `place` `noun`
  the `adj` `noun`
  = asks
  How do I `verb` `a` `adj` `noun` without `a` `noun`?
  Why does my `noun` `verb` the `noun` `often`?
  What is the difference between `a` `noun` and `a` `adj` `noun`?
  Can `nouns` `verb` `nouns` `when_now`?
  Is it `adj` to `verb` `nouns` `when_now`?
  Which `noun` should `agents` `verb` first?
  = problem
  I have `a` `adj` `noun` which I `verbed` in 20`low``digit`, and now it does not `verb` the `noun` any more.
  Last `weekday` I tried to `verb` `np`, but `npl` were `adj` and nothing helped.
  My `noun` is `adj`, so I cannot `verb` `npl` with it, and `agents` in `place` tell me different things.
  I have read that `npl` `verb` `npl`, yet when I `verb` mine they stay `adj`.
  = advice
  You should `verb` the `noun` first, and only then `verb` `npl`.
  It depends on the `noun`: if it is `adj`, `verb` it `adverb`; otherwise leave it alone.
  I would not `verb` `a` `noun` for that; `a` `adj` `noun` does it better and costs less.
  In my experience `npl` `verb` `npl` only if they have been `verbpp` `adverb`.
  The usual way is to `verb` `np` with `a` `noun`, wait for a day, and `verb` it again.
  """#
