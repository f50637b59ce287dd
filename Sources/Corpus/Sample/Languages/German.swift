/// German: nouns by gender, adjectives as stems that take their endings from the pattern.
let german = #"""
  = s
  `subject_of` `verb` `object` `where`.
  `when` `verb` `subject_of` `object`.
  `subject_of` `verb` `object`, weil `subject_of` `object` `verb`.
  obwohl `subject_of` `object` `verb`, `verb` `subject_of` auch `object`.
  `where` `verb` `name` `object` mit `dative`.
  man weiß nicht, warum `subject_of` `object` `verb`.
  seit `year` `verb` `subject_of` `object`, und niemand hat es bisher bemerkt.
  `name` schreibt, dass `subject_of` `object` `adverb` `verb`.
  wenn `subject_of` `object` `verb`, dann ist das für `object` nicht wichtig.
  nach dem Krieg wurde `@0` wieder aufgebaut und im Jahr `year` eröffnet.
  von `number` Leuten `verb` nur `subject_of` `object` `adverb`.
  es gibt `where` `object`, aber `subject_of` `verb` lieber `object`.
  `@1` `verb` `object` `where` und `verb` danach `object`.
  in `@2` `verb` `subject_of` `object` `adverb`.
  = subject_of
  der `adj`e `m`
  die `adj`e `f`
  das `adj`e `n`
  ein `adj`er `m`
  eine `adj`e `f`
  der `m`
  die `f`
  `name`
  = object
  den `adj`en `m`
  die `adj`e `f`
  das `adj`e `n`
  einen `adj`en `m`
  ein `adj`es `n`
  das `n`
  die `f`
  = dative
  dem `adj`en `m`
  der `adj`en `f`
  einem `adj`en `n`
  : m
  Gärtner Kapitän Fluss Hafen Turm Brief Stern Zug Apfel Kuchen Lehrer Wald Vogel Schlüssel Nachbar
  Bahnhof Motor Rechner Markt Garten
  : f
  Brücke Straße Zeitung Küche Maschine Königin Ärztin Geschichte Stadt Kirche Blume Sprache Frage
  Tochter Reise Wolke Rechnung Insel Uhr
  : n
  Schiff Haus Buch Dorf Fenster Kind Lied Feuer Brot Gebirge Museum Bild Pferd Gesetz Werkzeug
  Gewitter Krankenhaus Orchester
  : adj
  alt neu klein schön still schwer leicht fremd reich kalt warm rot grün berühmt vergessen streng
  : verb
  findet sucht beschreibt kennt baut verkauft zeigt öffnet vergisst malt beobachtet braucht verlässt
  erreicht begleitet schützt
  : adverb
  langsam gern oft kaum heimlich vorsichtig zweimal_im_Jahr noch_heute mit_Freude
  = when
  im Jahr `year`
  im Winter
  jeden `weekday`
  vor `number` Jahren
  am frühen Morgen
  heute
  = where
  in `town_name`
  am Fluss
  hinter dem Haus
  auf dem Markt
  im Wald
  am Hafen
  unter der Brücke
  : weekday
  Montag Dienstag Mittwoch Donnerstag Freitag Samstag Sonntag
  : given
  Greta Jonas Lena Matthias Sabine Karl Ulrike Heinz Ilse Rolf
  : stem
  Berg Stein Wald Feld Lang Sommer Winter Eich Hof Brand
  : tail
  mann er hauser bacher mayer ner
  : town
  hausen dorf stadt furt bach burg heim
  = subject
  der `adj`e `m` von `town_name`
  das `adj`e `n` von `town_name`
  = title
  `n` und `m` in `town_name`
  Der `adj`e `m`
  Die `f` von `town_name`
  """#
