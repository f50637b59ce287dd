"""Small texts in many scripts, settings to train on them with, and lines that are hostile."""
import gzip
import json
import os
import random

ENGLISH = """\
The quipu keeper ties a knot for every llama that comes down from the pasture.
A long cord for the herd, a short cord for the wool, and a red cord for the salt.
When the messenger runs, he carries the cords and the keeper's words with them.
No knot is tied twice, and no cord is lost; the counting house counts again at night.
The counting of the counted is the keeper's work, and the keeper's son learns it too.
It isn't hard, he says, it's only long. Don't hurry the knots!
"""
CODE = """\
func area(of width: Int, by height: Int) -> Int {
    return width * height  // 12 by 34 gives 408
}
for index in 0..<100 { total += values[index] }
if total >= 1000 && total != 2048 { print("total: \\(total)") }
\tlet mask = 0xFF00 & ~0x0F
    let values = [1, 2, 3, 5, 8, 13, 21, 34, 55, 89]
        let height = 10; let width = 20
"""
RUSSIAN = """\
Хранитель узлов завязывает узел для каждой ламы, которая спускается с пастбища.
Длинный шнур для стада, короткий шнур для шерсти, красный шнур для соли.
Гонец бежит и несёт шнуры и слова хранителя узлов.
Ни один узел не завязан дважды, и ни один шнур не потерян.
Сын хранителя учится завязывать узлы и считать узлы.
"""
HAN = """\
结绳的人为每一只下山的羊驼打一个结。长绳记羊群,短绳记羊毛,红绳记盐。
结绳的人说:打结不难,只是很长。打结的人不要着急。
キープの番人は、山から下りてくるラマのために結び目を一つ作る。
長い縄は群れ、短い縄は毛、赤い縄は塩。結び目は二度作らない。
ラーメンとコーヒーとスーパーとラーメンとコーヒー。結び目を作る。
"""
MARKS = """\
"What?!" -- (he said) ... 'No!' [yes]; {maybe}: <s>not</s> <unk> & <0x0A>#1 @2 50% $3 ^4 *5* _6_
cafe\u0301 re\u0301sume\u0301 e\u0301te\u0301 cafe\u0301 nai\u0308ve cafe\u0301 re\u0301sume\u0301
a\u0431\u0301\u0431 \u0661\u0662\u0663 \uff11\uff12 x\u00b2 x\u00b2 y\u00b3 \u0e01\u0e32\u0e23\u0e19\u0e31\u0e1a \u0e01\u0e32\u0e23
\U0001f999\U0001f999 \U0001f999! 10\u20ac 20\u20ac ?! ?! ... ... -- -- "" "" '' ''
word-word word-word word_word a.b.c a.b.c don't don't www.example.org www.example.org
"""
SPACES = """\
a  a   a    a     a      a
    four    four    four
        eight        eight
                sixteen                sixteen
                  more than sixteen
 one  two   three    four     five
\ttab\ttab\t\ttab
x                                          y
"""

CORPORA = [
    ("english", ENGLISH, 400, {}),
    ("code", CODE, 370, {}),
    ("russian", RUSSIAN, 400, {}),
    ("han", HAN, 390, {}),
    ("marks", MARKS, 400, {}),
    ("spaces", SPACES, 310, {}),
    ("digits together", CODE, 380, {"split_digits": False}),
    ("digits of any script", CODE, 380, {"split_digits": False, "split_by_number": False}),
    ("scripts together", MARKS, 390, {"split_by_unicode_script": False}),
    ("words together", ENGLISH, 400, {"split_by_whitespace": False}),
    ("no pieces of spaces", SPACES, 300, {"allow_whitespace_only_pieces": False}),
    ("no dummy prefix", ENGLISH, 380, {"add_dummy_prefix": False}),
    ("no bytes", RUSSIAN, 120, {"byte_fallback": False}),
    ("short pieces", ENGLISH, 380, {"max_sentencepiece_length": 3}),
    ("short lines", ENGLISH, 350, {"max_sentence_length": 80}),
    ("half an alphabet", HAN, 340, {"character_coverage": 0.98}),
    ("required", ENGLISH, 380, {"required_chars": "\u2603z\u0416"}),
    ("symbols", ENGLISH, 380,
     {"user_defined_symbols": ["keeper", "\u2581the"], "control_symbols": ["<pause>"]}),
    ("all there is", "a b c\nab ab abc\n", 500, {"hard_vocab_limit": False}),
]
LLAMA = dict(
    vocab_size=32000, byte_fallback=True, split_digits=True, character_coverage=0.99995,
    normalization_rule_name="identity", remove_extra_whitespaces=False,
    allow_whitespace_only_pieces=True)
SENTENCEPIECE = dict(vocab_size=8000, normalization_rule_name="nmt_nfkc")


def span(*ranges):
    return "".join(chr(c) for low, high in ranges for c in range(low, high + 1))


# Letters to make words of, and what else may stand in a line, of each script.
SCRIPTS = {
    "latin": ("etaoinshrdlucmfwypvbgkjqxz", ".,;:!?'\"()-"),
    "latin with accents": (span((0x61, 0x7a)) + "äöüßéèêçñøåæœšžčłąęğıİőű", "«»„“”’–—…¿¡"),
    "combining marks": ("aeiouncs\u0301\u0300\u0308\u0303\u0327\u0331\u20dd", ".\u0301 \u0308,"),
    "cyrillic": (span((0x430, 0x44f)) + "ёіїєґђћџѣ", "«»—№"),
    "greek": (span((0x3b1, 0x3c9)) + "άέήίόύώϊΐἀἁᾳ", "·;«»"),
    "arabic": (span((0x627, 0x63a), (0x641, 0x64a)) + "پچژگ\u064e\u0650\u0651\u0640", "،؛؟٪"),
    "hebrew": (span((0x5d0, 0x5ea)) + "\u05b0\u05b7\u05bc", "־׳״"),
    "devanagari": (span((0x905, 0x914), (0x915, 0x939)) + "\u093e\u093f\u0940\u094d\u0902\u200d",
                   "।॥०१२"),
    "thai": (span((0xe01, 0xe2e)) + "\u0e31\u0e34\u0e35\u0e48\u0e49เแโ", "ๆฯ๑๒"),
    "georgian": (span((0x10d0, 0x10f0)) + span((0x1c90, 0x1c95)), "჻.,"),
    "armenian": (span((0x561, 0x586)), "՝՛՞։"),
    "hangul": (span((0xac00, 0xac40), (0xd558, 0xd570)) + "\u1100\u1161\u11a8ㄱㅏ", "·〈〉"),
    "han": (span((0x4e00, 0x4e60)) + "的一是不了人我在有他這为来\u3400\U00020000\U0002a6d6々〆〇",
            "，。、？！《》"),
    "kana": (span((0x3041, 0x3096), (0x30a1, 0x30fa)) + "ーー々一二\uff71\uff9e", "、。「」・ー"),
    "ethiopic and cherokee": (span((0x1200, 0x1220), (0x13a0, 0x13c0), (0xab70, 0xab80)), "፡።"),
    "bengali and tamil": (span((0x995, 0x9b9), (0xb95, 0xbb9)) + "\u09cd\u09be\u0bcd\u0bbe", "।"),
    "emoji": ("😀🦙👍🏽❤\ufe0f\u200d👩💻🇵🇪🧵🪢\U0001fae8", "!?✨™©"),
    "rare planes": ("𐌰𐌱𐌲𝒜𝒷𝓬𓀀𓀁\U000e0101\U000f0000\U0010ffff\ue000\ufdd0\uffff", "𝟘𝟙𝟚"),
}


def zipf_lines(chance, letters, marks, lines, blanks=" "):
    """Lines of words whose frequencies fall as 1/rank, with digits and marks in between."""
    words = ["".join(chance.choice(letters) for _ in range(min(1 + int(chance.expovariate(0.3)), 12)))
             for _ in range(chance.choice([20, 60, 200]))]
    weights = [1 / (rank + 1) for rank in range(len(words))]
    made = []
    for _ in range(lines):
        parts = []
        for word in chance.choices(words, weights, k=chance.randrange(1, 15)):
            kind = chance.random()
            if kind < 0.05:
                word = str(chance.randrange(10 ** chance.randrange(1, 6)))
            elif kind < 0.12:
                word += chance.choice(marks)
            elif kind < 0.14:
                word = word.upper()
            parts.append(word)
            parts.append(blanks if chance.random() < 0.95 else blanks * chance.randrange(2, 6))
        made.append("".join(parts[:-1]))
    return made


def script_text(name, chance):
    letters, marks = SCRIPTS[name]
    blanks = "" if name in ("han", "kana", "thai") and chance.random() < 0.7 else " "
    lines = zipf_lines(chance, letters, marks, chance.randrange(20, 120), blanks)
    return "\n".join(lines).encode()


def mixed_text(chance):
    lines = []
    for name in chance.sample(sorted(SCRIPTS), 6):
        lines += zipf_lines(chance, *SCRIPTS[name], 12)
    chance.shuffle(lines)
    joined = [left + chance.choice(["", " ", "-", "1"]) + right
              for left, right in zip(lines, lines[1:])]
    return "\n".join(lines + joined[:20]).encode()


def code_text(chance):
    lines = []
    for _ in range(80):
        names = ["index", "value_1", "selfTotal", "x2", "i", "HTTPServer", "get_user_name", "Σ"]
        parts = [chance.choice(names + ["=", "+=", "->", "(", ")", "[0]", "{", "}", "//", "0x1F"])
                 for _ in range(chance.randrange(1, 9))]
        lines.append(" " * (4 * chance.randrange(5)) + "\t" * chance.randrange(2)
                     + chance.choice([" ", ""]).join(parts) + chance.choice(["", ";", "\r"]))
    return "\n".join(lines).encode()


def number_text(chance):
    digits = ["0123456789", "０１２３４５６７８９", "٠١٢٣٤٥٦٧٨٩", "०१२३४५६७८९", "²³¹½Ⅳ④"]
    lines = []
    for _ in range(80):
        parts = []
        for _ in range(chance.randrange(1, 8)):
            number = "".join(chance.choice(chance.choice(digits[:chance.randrange(1, 6)]))
                             for _ in range(chance.randrange(1, 6)))
            parts.append(number + chance.choice(["", "", "km", "%", ".5", ",000", "-", "й"]))
        lines.append(" ".join(parts))
    return "\n".join(lines).encode()


def space_text(chance):
    blanks = [" ", "  ", "   ", " " * 17, "\t", "\u00a0", "\u3000", "\u2581", "\u200b", "\r", "\x0b"]
    lines = ["".join(chance.choice(["a", "bc", "the", "", "x1"]) + chance.choice(blanks)
                     for _ in range(chance.randrange(1, 12))) for _ in range(80)]
    return "\n".join(lines + ["", " ", "  ", ""]).encode()


def byte_text(chance):
    """Random bytes: little of it is UTF-8."""
    alphabets = [bytes(range(256)), b"ab \xc3\xa9\xe2\x96\x81\x85", b"the \xff\xe2\x82\xac\xf0\x9f\xa6\x99"]
    alphabet = chance.choice(alphabets)
    return b"\n".join(bytes(chance.choice(alphabet) for _ in range(chance.randrange(1, 60)))
                      for _ in range(100))


def reserved_text(chance):
    """Strings that mean something to the tokenizer itself."""
    words = ["<s>", "</s>", "<unk>", "<pad>", "<0x41>", "<0x0A>", "\u2581", "\u2585", "\x1f", "\0",
             "\t", "a", "ab", "abc", "keeper", "<ctl>", "<sep>", "\u2581the", "12", "\ufffd", "\ufeff"]
    lines = ["".join(chance.choice(words) + chance.choice(["", " ", ""])
                     for _ in range(chance.randrange(1, 12))) for _ in range(120)]
    return "\n".join(lines).encode()


def run_text(chance):
    """Runs of one letter and of repeated strings, whose pairs overlap."""
    units = ["a", "ab", "aab", "abab", "ж", "あ", "--", "=", "ы ", "\U0001f999"]
    lines = [" ".join(chance.choice(units) * chance.randrange(1, 25)
                      for _ in range(chance.randrange(1, 6))) for _ in range(60)]
    return "\n".join(lines).encode()


def generators():
    """By name, what makes a text from a random generator."""
    made = {name: (lambda chance, name=name: script_text(name, chance)) for name in SCRIPTS}
    made.update({
        "mixed": mixed_text, "code": code_text, "numbers": number_text, "spaces": space_text,
        "bytes": byte_text, "reserved": reserved_text, "runs": run_text})
    return made


def sample_lines(folder, limit=400):
    """Lines of real documents in several languages, where the samples are there."""
    lines = []
    for root, _, names in sorted(os.walk(os.path.join(folder, "c4"))):
        for name in sorted(names):
            if not name.endswith(".json.gz"):
                continue
            with gzip.open(os.path.join(root, name), "rb") as file:
                for _ in range(10):
                    line = file.readline()
                    if line:
                        lines += json.loads(line)["text"].split("\n")
    random.Random(2).shuffle(lines)
    return [line.encode("utf-8", "surrogatepass") for line in lines[:limit]]


# Each of LLaMA's settings changed alone.
CHANGES = [
    {}, {"split_digits": False}, {"split_digits": False, "split_by_number": False},
    {"split_by_number": False}, {"byte_fallback": False}, {"character_coverage": 0.98},
    {"character_coverage": 0.995}, {"character_coverage": 1.0}, {"max_sentencepiece_length": 1},
    {"max_sentencepiece_length": 2}, {"max_sentencepiece_length": 5},
    {"max_sentencepiece_length": 64}, {"max_sentencepiece_length": 512},
    {"split_by_unicode_script": False}, {"split_by_whitespace": False},
    {"split_by_whitespace": False, "split_by_unicode_script": False, "split_digits": False},
    {"allow_whitespace_only_pieces": False},
    {"allow_whitespace_only_pieces": False, "split_by_whitespace": False},
    {"add_dummy_prefix": False}, {"treat_whitespace_as_suffix": True},
    {"treat_whitespace_as_suffix": True, "allow_whitespace_only_pieces": False},
    {"treat_whitespace_as_suffix": True, "split_by_whitespace": False},
    {"remove_extra_whitespaces": True},
    {"remove_extra_whitespaces": True, "add_dummy_prefix": False},
    {"remove_extra_whitespaces": True, "treat_whitespace_as_suffix": True},
    {"pretokenization_delimiter": "e"}, {"pretokenization_delimiter": "||"},
    {"user_defined_symbols": ["keeper", "\u2581the", "12", "a,b", "<sep>"]},
    {"user_defined_symbols": ["a", "ab", " b"]}, {"control_symbols": ["<ctl>", "ab"]},
    {"required_chars": "\u2603z\u0416\u2581"}, {"max_sentence_length": 40},
    {"normalization_rule_name": "nmt_nfkc"},
    {"normalization_rule_name": "nfkc", "remove_extra_whitespaces": True},
    {"normalization_rule_name": "nmt_nfkc_cf", "remove_extra_whitespaces": True},
    {"normalization_rule_tsv": "61\t62\n65 301\tE9\n2D 2D\n4E00\t58 20 20 59\nA0\t20\n"},
    {"auto_character_coverage": True}, {"use_all_vocab": True}, {"unk_id": 2, "bos_id": 0, "eos_id": 1}, {"pad_id": 3},
    {"bos_id": -1, "eos_id": -1}, {"unk_piece": "<wat>", "bos_piece": "[CLS]"},
    {"unk_surface": "?"}, {"user_defined_symbols": ["<s>", "</s>"]},
    {"unk_id": 1, "bos_id": 5, "eos_id": -1, "pad_id": 7},
]


def random_settings(chance):
    """Any settings at once."""
    settings = {}
    for change in chance.sample(CHANGES, chance.randrange(1, 6)):
        settings.update(change)
    return settings


def hostile():
    """Lines of random bytes, long runs and half scalars, without a line feed."""
    chance = random.Random(1)
    lines = [b"", b" ", b"   ", b"\t", b"\xff", b"\xe2\x96", b"\xe2\x96\x81x", b"<s></s><0x0A>",
             b"a" * 5000, b" " * 5000, "\U0001f999".encode() * 500, b"\0", b"a\0b", b"\r", b"\x1f",
             b"\xed\xa0\x80\xf4\x90\x80\x80", "\u2585 \u2581\u2581 \ufffd\ufeff".encode(), b" a ",
             "e\u0301 \u0301".encode(), b"keeper the keeper12 a,b <sep><ctl>[CLS]<wat>"]
    for _ in range(200):
        alphabet = chance.choice([bytes(range(256)), b"ab \xe2\x96\x81\xcc", b"the keepr  "])
        line = bytes(chance.choice(alphabet) for _ in range(chance.randrange(60)))
        lines.append(line.replace(b"\n", b""))
    return lines
