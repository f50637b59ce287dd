/// French: nouns that need no elision, adjectives with one form for both genders.
let french = #"""
  = s
  `subject_of` `verb` `object` `where`.
  `when`, `subject_of` `verb` `object`.
  `subject_of` `verb` `object`, mais `subject_of` `verb` `object`.
  quand `subject_of` `verb` `object`, `name` `verb` `object` `adverb`.
  `name` raconte que `subject_of` `verb` `object` depuis `year`.
  il y a `where` `object` que personne ne `verb`.
  c’est pour cela que `subject_of` `verb` `object`.
  `@0` date de `year` et se trouve `where`.
  on dit que `subject_of` `verb` `adverb` `object`, et que `name` le sait bien.
  parmi les `number` habitants de `town_name`, `name` seul `verb` `object`.
  `@1` `verb` `object` `where`, puis `verb` `object`.
  à `@2`, `subject_of` `verb` `object` avec `object`.
  = subject_of
  le `m` `adj`
  la `f` `adj`
  un `m` `adj`
  une `f` `adj`
  le `m` de `town_name`
  la `f` de `town_name`
  `name`
  = object
  le `m` `adj`
  la `f` `adj`
  un `m`
  une `f` `adj`
  ce `m` `adj`
  les `number` `mp`
  : m
  jardin bateau fleuve port train livre pont village marché médecin roi chant moulin soleil violon
  roman navire boulanger chemin vent
  : mp
  jardins bateaux livres ponts villages moulins violons romans chemins navires
  : f
  ville maison rue cuisine machine reine mer lettre fenêtre pomme chanson table montagne guerre
  fleur langue musique question porte gare
  : adj
  rouge calme célèbre rapide moderne fragile utile étrange triste immense tranquille simple rare
  pauvre riche énorme
  : verb
  regarde cherche trouve décrit connaît construit vend montre ouvre oublie garde quitte protège
  dessine traverse
  : adverb
  lentement souvent rarement volontiers presque_toujours encore_aujourd’hui avec_soin
  = when
  en `year`
  au printemps
  chaque `weekday`
  il y a `number` ans
  pendant la nuit
  = where
  à `town_name`
  près de la gare
  derrière la maison
  au bord de la mer
  dans la forêt
  sur la place
  : weekday
  lundi mardi mercredi jeudi vendredi samedi dimanche
  : given
  Camille Julien Margot Thierry Élise Bernard Solange Pascal Denise Lucien
  : stem
  Mar Du Bel Cler Val Mont Ros Per
  : tail
  tin mont val court nier din lin
  : town
  ville sur-Mer bourg court mont
  = subject
  le `m` de `town_name`
  la `f` `adj`
  = title
  Le `m` de `town_name`
  La `f` `adj`
  Histoire de la `f` `adj`
  """#
