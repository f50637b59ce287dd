/// `normalize` of CCNet's `text_normalizer.py`, its steps written anew in Python.
let ccnetNormalize = """
  marks = {}
  for to, those in [(',', '，、'), ('.', '。'), ('"', '„”“«»」「《》１'), ("'", '´’'), (':', '∶：'),
                    ('?', '？'), ('!', '！'), ('(', '（'), (')', '）'), (';', '；'), ('-', '–━►'),
                    ('~', '～'), ('<', '〈'), ('>', '〉'), ('[', '【'), (']', '】'), ('%', '％'),
                    (' - ', '—'), ('. ', '．'), ('...', '…')]:
      for mark in those:
          marks[mark] = to
  def normalize(text):
      text = unicodedata.normalize('NFD', text.strip().lower())
      text = ''.join(c for c in text if unicodedata.category(c) != 'Mn')
      text = re.sub(r'\\d', '0', text)
      text = ''.join(marks.get(c, c) for c in text)
      return ''.join(c for c in text if not (ord(c) < 32 or 127 <= ord(c) < 160))
  """
