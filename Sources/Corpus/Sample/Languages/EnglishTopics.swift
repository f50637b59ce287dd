/// One field that texts are about: its own words and a few sentences of its own.
struct Topic: Sendable {
  var name: String
  var grammar: Grammar

  /// A topic of English.
  init(_ name: String, _ words: String) {
    self.name = name
    grammar = Grammar(english, words)
  }

  /// The only topic of another language.
  init(_ name: String, _ grammar: Grammar) {
    self.name = name
    self.grammar = grammar
  }

  static let all: [Topic] = [
    Topic("sailing", sailing), Topic("gardening", gardening), Topic("astronomy", astronomy),
    Topic("railways", railways), Topic("cooking", cooking), Topic("music", music),
    Topic("computing", computing), Topic("archives", archives), Topic("birds", birds),
    Topic("medicine", medicine),
  ]
}

private let sailing = #"""
  : noun
  boat harbour sail rope anchor mast tide lighthouse/lighthouses cargo/cargoes rudder compass chart
  storm deck wave pier hull voyage island net channel crew oar lantern
  : agent
  sailor captain pilot fisherman/fishermen boatbuilder harbour_master merchant cook navigator
  : adj
  salty leaking wooden stormy seaworthy rusty sheltered northern calm tall painted
  : verb
  steer repair load tow anchor sink/sank/sunk chart moor unload tar/tarred/tarred/tarring launch
  : site
  at_the_harbour on_the_quay below_deck off_the_coast along_the_pier in_the_channel at_sea
  = s
  the wind turned to the `compass_point`, and `np` `verbed` `np` before the tide.
  at high water `npl` lie `number` feet deeper than at low water.
  the logbook of `@0` says that `npl` were `verbpp` off `place`.
  : compass_point
  north south east west north-east south-west
  """#

private let gardening = #"""
  : noun
  garden rose tree seed hedge pond leaf/leaves root shovel lawn bulb greenhouse orchard branch bed
  compost_heap slug apple fence flower path bean wall pear weed
  : agent
  gardener neighbour botanist grower farmer apprentice nurseryman/nurserymen visitor
  : adj
  green shady sunny ripe sour thorny damp flowering withered fertile climbing perennial
  : verb
  plant water prune dig/dug/dug/digging sow/sowed/sown rake harvest shade graft feed/fed/fed pick
  : site
  in_the_garden behind_the_greenhouse under_the_hedge by_the_pond in_the_orchard on_the_lawn
  = s
  in `month` the soil is `adj` enough to `verb` `npl`.
  `npl` want sun in the morning and shade after noon, and `number` litres of water a week.
  frost in `month` killed `npl` `where`, but `@0` came through unharmed.
  """#

private let astronomy = #"""
  : noun
  star planet comet telescope moon galaxy orbit mirror lens eclipse spectrum/spectra crater meteor
  observatory cloud signal catalogue satellite ring nebula/nebulae shadow probe
  : agent
  astronomer observer student engineer amateur physicist lens_grinder professor
  : adj
  bright faint distant dark spiral massive dusty icy visible red double frozen
  : verb
  observe photograph measure discover orbit eclipse predict catalogue reflect track record
  : site
  near_the_pole in_the_southern_sky at_the_observatory behind_the_moon above_the_horizon
  = s
  the light of `@0` takes `number` thousand years to reach us.
  through a `adj` telescope `npl` look like `nouns`, and `person` drew them so in `year`.
  every `number` days `np` `verbs` `np`, which `agents` have known since `year`.
  """#

private let railways = #"""
  : noun
  train station bridge tunnel signal carriage engine rail timetable platform ticket wheel boiler
  whistle viaduct gradient junction siding wagon coupling sleeper waiting_room
  : agent
  driver stoker conductor passenger signalman/signalmen engineer inspector porter guard
  : adj
  late crowded electric branch goods suburban abandoned underground freight punctual smoky
  : verb
  build/built/built electrify close reopen inspect shunt delay couple oil widen cross
  : site
  at_the_station in_the_tunnel on_the_main_line beside_the_track on_platform_two at_the_junction
  = s
  the line from `place` to `place` was opened in `year` and closed in `year`.
  `number` trains a day `verb` `@0`, most of them before eight in the morning.
  the engine drew `number_word` carriages up the gradient at `number` miles an hour.
  """#

private let cooking = #"""
  : noun
  kitchen soup oven loaf/loaves onion pan knife/knives recipe kettle dish/dishes egg lemon spoon
  carrot sauce cake bowl pie market_stall potato/potatoes table cheese fish/fish herb
  : agent
  cook baker guest waiter grandmother butcher innkeeper brewer dairymaid
  : adj
  hot sweet fresh bitter sour roasted salted crisp thick peeled hungry smoked spicy
  : verb
  bake boil fry slice peel stir/stirred/stirred/stirring taste serve season knead roast
  : site
  in_the_kitchen on_the_stove at_the_market in_the_oven at_the_table in_the_cellar
  = s
  add `number` grams of flour, `number_word` eggs and a pinch of salt, and `verb` the `noun` for `number` minutes.
  `npl` taste `adj` if they are `verbpp` too long.
  cover `@0` with a cloth and let it rest until the `noun` is `adj`.
  """#

private let music = #"""
  : noun
  song violin choir piano drum melody concert string bow orchestra symphony tune organ dance note
  rehearsal score flute chord audience hall trumpet quartet
  : agent
  composer singer conductor pianist pupil organist critic dancer violinist
  : adj
  loud soft slow lively sad famous forgotten minor major solemn unfinished cheerful
  : verb
  play sing/sang/sung compose rehearse perform tune hear/heard/heard record conduct applaud arrange
  : site
  in_the_concert_hall at_the_opera in_the_village_church on_the_stage in_the_gallery
  = s
  the second movement of `@0` begins in a minor key and ends in a major one.
  `person` `verbed` `np` at the age of `number`, before `npl` were known in `place`.
  the strings play `adverb` while the trumpets wait for `number` bars.
  """#

private let computing = #"""
  : noun
  program computer network file server compiler keyboard database loop function error message cache
  printer disk password screen kernel thread byte test backup package memory_leak
  : agent
  programmer user administrator tester mathematician operator maintainer beginner
  : adj
  fast broken parallel recursive encrypted portable obsolete buggy remote compact idle shared
  : verb
  compile debug/debugged/debugged/debugging copy test delete encrypt sort search restart patch load
  : site
  on_the_server in_memory in_the_log on_the_network in_the_source_code on_the_disk
  = s
  version `nonzero`.`digit` of `@0` `verbs` `npl` about `number` per cent faster.
  the `noun` failed because two threads `verbed` the same `noun` at once.
  a `noun` of `number` bytes is `verbpp` in `number` milliseconds on an `adj` machine.
  """#

private let archives = #"""
  : noun
  letter castle war treaty document map king diary tax archive coin monastery law parliament road
  inscription siege ruin border manuscript charter seal witness/witnesses
  : agent
  historian monk archivist soldier queen scribe bishop clerk ambassador
  : adj
  medieval royal lost sealed forged Roman burnt disputed solemn military written
  : verb
  sign burn copy conquer translate defend inherit rule forge bury publish
  : site
  in_the_archive at_court in_the_monastery under_the_ruins on_the_border in_the_chapter_house
  = s
  a charter of `year` names `person` as the owner of `np`.
  `@0` was `verbpp` in `year`, `verbpp` again in `year` and has stood empty since.
  the war lasted `number` years and left `npl` `where`.
  """#

private let birds = #"""
  : noun
  bird nest feather wing owl swallow heron egg forest marsh beak flock gull crane meadow tail reed
  hawk finch/finches stork feeder territory song_thrush/song_thrushes
  : agent
  birdwatcher ranger biologist forester hunter farmer volunteer ringer
  : adj
  grey brown migratory nocturnal shy speckled noisy wild spotted young hungry
  : verb
  watch ring/ringed/ringed hunt protect count shelter feed/fed/fed chase hatch guard
  : site
  in_the_reeds over_the_marsh on_the_roof in_the_forest along_the_river in_the_meadow
  = s
  in `month` `npl` fly south over `place` in flocks of `number`.
  the female of `@0` lays `number_word` eggs, which both parents `verb` for `number` days.
  `number` pairs were counted near `place` in `year`, `number` more than before.
  """#

private let medicine = #"""
  : noun
  hospital patient fever wound bone nerve lung vaccine dose treatment disease muscle vein symptom
  bandage operation heart infection ward clinic prescription trial thermometer
  : agent
  doctor nurse surgeon pharmacist midwife/midwives patient researcher dentist
  : adj
  sick healthy chronic painful infectious sterile acute mild fatal swollen clinical
  : verb
  treat heal examine prescribe vaccinate operate_on/operated_on/operated_on/operating_on cure
  diagnose relieve prevent
  : site
  in_the_hospital at_the_clinic in_the_ward on_the_operating_table in_the_laboratory
  = s
  of `number` patients who took `@0`, `number_word` were `adj` after a week.
  the dose is `number` milligrams a day, `verbpp` over `number_word` weeks.
  `agents` in `place` found in `year` that `npl` do not `verb` `npl`.
  """#
