/// Russian: masculine and neuter nouns whose accusative is their nominative, feminine ones by stem.
let russian = #"""
  = s
  `subject_of` `verb` `object` `where`.
  `when` `subject_of` `verb` `object`.
  `subject_of` `verb` `object`, но `subject_of` не `verb` `object`.
  когда `subject_of` `verb` `object`, `given` `adverb` `verb` `object`.
  `given` говорит, что `subject_of` `verb` `object` с `year` года.
  поэтому `subject_of` `verb` `object` и `verb` `object`.
  никто не знает, почему `subject_of` `adverb` `verb` `object`.
  `@0` находится `where`, и каждый `who` это знает.
  если `subject_of` `verb` `object`, то `who` `verb` `object`.
  на странице `number` написано, что `subject_of` `verb` `object`.
  `@1` `verb` `object` `where`, а потом `verb` `object`.
  в городе `@2` `subject_of` `adverb` `verb` `object`.
  = subject_of
  `adj`ый `m`
  `adj`ая `f`а
  `adj`ое `n`
  этот `m`
  эта `f`а
  `who`
  `given`
  = object
  `adj`ый `m`
  `adj`ую `f`у
  `adj`ое `n`
  этот `m`
  эту `f`у
  `n`
  : m
  дом мост лес город сад поезд корабль стол хлеб ветер камень берег рынок завод вокзал журнал
  : f
  книг стран рек машин карт школ звезд газет лестниц улиц планет
  : n
  окно море письмо поле озеро дерево слово небо зеркало здание облако
  : adj
  стар нов красн бел черн добр верн мудр сер зелен красив важн
  : verb
  видит находит ищет описывает строит любит продает показывает открывает помнит бережет рисует
  изучает
  : who
  учитель врач капитан садовник рыбак сосед моряк инженер писатель повар
  : adverb
  медленно часто редко всегда тайно осторожно охотно
  = when
  в `year` году
  весной
  каждый вечер
  зимой
  рано утром
  = where
  в лесу
  на берегу
  у вокзала
  за домом
  на рынке
  под мостом
  в школе
  : given
  Анна Иван Ольга Пётр Мария Николай Вера Сергей Елена Фёдор
  = name
  `given`
  = town_name
  `stem``town`
  : stem
  Бело Ново Красно Зелено Старо
  : town
  горск польск реченск морск лесск
  = subject
  `adj`ый `m`
  `adj`ое `n`
  = title
  `m` и `n`
  `adj`ая `f`а
  `m` города `town_name`
  """#
