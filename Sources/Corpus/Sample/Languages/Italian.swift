/// Italian: nouns that take `il` and `la`, adjectives with one form for both.
let italian = #"""
  = s
  `subject_of` `verb` `object` `where`.
  `when` `subject_of` `verb` `object`.
  `subject_of` `verb` `object`, ma `subject_of` non `verb` `object`.
  quando `subject_of` `verb` `object`, `name` `verb` `adverb` `object`.
  `name` racconta che `subject_of` `verb` `object` dal `year`.
  per questo `subject_of` `verb` `object` e `verb` anche `object`.
  `@0` risale al `year` e si trova `where`.
  si dice che `subject_of` `verb` `adverb` `object`.
  fra le `number` persone di `town_name` soltanto `name` `verb` `object`.
  `@1` `verb` `object` `where`, poi `verb` `object`.
  a `@2` `subject_of` `verb` `object` con `object`.
  = subject_of
  il `m` `adj`
  la `f` `adj`
  un `m` `adj`
  una `f` `adj`
  il `m` di `town_name`
  la `f` di `town_name`
  `name`
  = object
  il `m` `adj`
  la `f` `adj`
  un `m`
  una `f` `adj`
  questo `m` `adj`
  quella `f`
  : m
  giardino fiume porto treno libro ponte paese mercato medico re canto mulino sole violino cammino
  vento cavallo bosco muro pane
  : f
  città casa via cucina macchina regina lettera finestra mela canzone tavola montagna guerra lingua
  musica domanda porta nave chiesa luna
  : adj
  verde grande importante triste forte breve celebre semplice fedele elegante gentile veloce comune
  difficile enorme
  : verb
  guarda cerca trova descrive conosce costruisce vende mostra apre dimentica conserva lascia protegge
  disegna attraversa
  : adverb
  lentamente sempre di_rado quasi_sempre con_cura ancora_oggi volentieri
  = when
  nel `year`
  in primavera
  ogni `weekday`
  `number` anni fa
  durante la notte
  = where
  a `town_name`
  vicino alla stazione
  dietro la casa
  in riva al mare
  nel bosco
  in piazza
  : weekday
  lunedì martedì mercoledì giovedì venerdì sabato domenica
  : given
  Giulia Matteo Chiara Lorenzo Elena Paolo Silvia Andrea Marta Pietro
  : stem
  Mar Bel Ros Val Mont Fer Gal Ric
  : tail
  tini lini nardi etti ucci ari
  : town
  verde alto bello rosso forte
  = subject
  il `m` di `town_name`
  la `f` `adj`
  = title
  Il `m` di `town_name`
  La `f` `adj`
  Storia della `f` di `town_name`
  """#
