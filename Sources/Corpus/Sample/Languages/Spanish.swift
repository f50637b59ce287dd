/// Spanish: nouns by gender, adjectives with one form for both.
let spanish = #"""
  = s
  `subject_of` `verb` `object` `where`.
  `when`, `subject_of` `verb` `object`.
  `subject_of` `verb` `object`, pero `subject_of` no `verb` `object`.
  cuando `subject_of` `verb` `object`, `name` `verb` `object` `adverb`.
  `name` cuenta que `subject_of` `verb` `object` desde `year`.
  hay `where` `object` que nadie `verb`.
  por eso `subject_of` `verb` `object` y `verb` también `object`.
  `@0` se construyó en `year` y todavía está `where`.
  se dice que `subject_of` `verb` `adverb` `object`.
  de las `number` personas de `town_name`, solo `name` `verb` `object`.
  `@1` `verb` `object` `where` y después `verb` `object`.
  en `@2`, `subject_of` `verb` `object` con `object`.
  = subject_of
  el `m` `adj`
  la `f` `adj`
  un `m` `adj`
  una `f` `adj`
  el `m` de `town_name`
  la `f` de `town_name`
  `name`
  = object
  el `m` `adj`
  la `f` `adj`
  un `m`
  una `f` `adj`
  este `m` `adj`
  aquella `f`
  : m
  jardín barco río puerto tren libro puente pueblo mercado médico rey canto molino sol violín camino
  viento reloj caballo bosque
  : f
  ciudad casa calle cocina máquina reina carta ventana manzana canción mesa montaña guerra flor
  lengua música pregunta puerta estación iglesia
  : adj
  verde grande importante triste fuerte breve azul fiel elegante amable gris común libre
  difícil enorme
  : verb
  mira busca encuentra describe conoce construye vende muestra abre olvida guarda deja protege
  dibuja cruza
  : adverb
  lentamente siempre raras_veces casi_siempre con_cuidado todavía_hoy con_gusto
  = when
  en `year`
  en primavera
  cada `weekday`
  hace `number` años
  durante la noche
  = where
  en `town_name`
  cerca de la estación
  detrás de la casa
  a la orilla del mar
  en el bosque
  en la plaza
  : weekday
  lunes martes miércoles jueves viernes sábado domingo
  : given
  Lucía Mateo Carmen Javier Inés Pablo Rosario Andrés Pilar Tomás
  : stem
  Mar Val Cas Mont Fer Ram Sal Her
  : tail
  tínez dés írez ero ales inas
  : town
  verde alto seco rubio blanco
  = subject
  el `m` de `town_name`
  la `f` `adj`
  = title
  El `m` de `town_name`
  La `f` `adj`
  Historia de la `f` de `town_name`
  """#
