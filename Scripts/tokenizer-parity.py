#!/usr/bin/env python3
"""Compares Quipu's tokenizer with SentencePiece 0.2.3: pieces, their order, scores, and ids.

    Scripts/tokenizer-parity.py --quipu PATH [--text FILE ...] [--model FILE]
        trains both on small texts in several scripts (and on each FILE) with LLaMA's settings and
        compares the models and the ids of every line, also of lines that are hostile; with --model,
        compares the ids of all texts under that model too
    Scripts/tokenizer-parity.py --goldens
        writes Tests/TokenizerTests/TrainerGoldens.swift from SentencePiece's answers

Where the sentencepiece package is absent it says so and ends well, for then nothing can be compared.
"""
import argparse
import os
import random
import subprocess
import sys
import tempfile

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
    model_type="bpe", byte_fallback=True, split_digits=True, character_coverage=0.99995,
    normalization_rule_name="identity", remove_extra_whitespaces=False,
    allow_whitespace_only_pieces=True, num_threads=2, minloglevel=2)


def library():
    try:
        import sentencepiece
    except ImportError:
        print("skipped: the sentencepiece package is not installed (pip install sentencepiece==0.2.3)")
        sys.exit(0)
    if sentencepiece.__version__ != "0.2.3":
        print(f"note: comparing with sentencepiece {sentencepiece.__version__}, not 0.2.3")
    return sentencepiece


def train(sentencepiece, path, size, settings, output):
    sentencepiece.SentencePieceTrainer.train(
        input=path, model_prefix=output, vocab_size=size, **{**LLAMA, **settings})
    return sentencepiece.SentencePieceProcessor(model_file=output + ".model")


def pieces(model):
    return [
        (model.id_to_piece(i), model.get_score(i), model.is_control(i), model.is_unknown(i),
         model.is_byte(i), model.is_unused(i))
        for i in range(model.get_piece_size())]


def hostile():
    """Lines of random bytes, long runs and half scalars, without a line feed."""
    chance = random.Random(1)
    lines = [b"", b" ", b"   ", b"\t", b"\xff", b"\xe2\x96", b"\xe2\x96\x81x", b"<s></s><0x0A>"]
    lines += [b"a" * 5000, b" " * 5000, "\U0001f999".encode() * 500, b"\xed\xa0\x80\xf4\x90\x80\x80"]
    for _ in range(200):
        alphabet = chance.choice([bytes(range(256)), b"ab \xe2\x96\x81\xcc", b"the keepr  "])
        line = bytes(chance.choice(alphabet) for _ in range(chance.randrange(60)))
        lines.append(line.replace(b"\n", b""))
    return b"".join(line + b"\n" for line in lines)


def compare(options):
    sentencepiece = library()
    failures = 0

    def check(name, good, detail=""):
        nonlocal failures
        failures += not good
        print(("same      " if good else "DIFFERENT ") + name, "" if good else detail)

    def quipu(*arguments):
        return subprocess.run(
            [options.quipu, "tokenizer", *arguments], check=True, stdout=subprocess.PIPE).stdout

    def encode(name, model, path, file):
        ours = [[int(i) for i in line.split()]
                for line in quipu("encode", "--model", path, "--format", "ids", file)
                .decode().split("\n")]
        lines = open(file, "rb").read().split(b"\n")
        if lines[-1] == b"":
            lines.pop()
        wrong = [(l, o) for l, o in zip(lines, ours) if model.encode(l) != o]
        check(f"{name}: ids of {len(lines)} lines", len(ours) >= len(lines) and not wrong,
              wrong and f"{wrong[0][0][:60]!r}: {model.encode(wrong[0][0])[:12]} is {wrong[0][1][:12]}")

    with tempfile.TemporaryDirectory() as folder:
        texts = []
        for name, text, size, settings in CORPORA:
            if not settings:
                file = os.path.join(folder, name + ".txt")
                open(file, "wb").write(text.encode())
                texts.append((name, file, size))
        texts += [(os.path.basename(file), file, options.vocab_size) for file in options.text]
        other = os.path.join(folder, "hostile.txt")
        open(other, "wb").write(hostile())
        for number, (name, file, size) in enumerate(texts):
            theirs = train(sentencepiece, file, size, {}, os.path.join(folder, str(number)))
            path = os.path.join(folder, f"{number}.quipu.model")
            quipu("train", file, "--output", path, "--vocab-size", str(size), "--preset", "llama")
            ours = sentencepiece.SentencePieceProcessor(model_file=path)
            one, two = pieces(theirs), pieces(ours)
            first = next((i for i, (a, b) in enumerate(zip(one, two)) if a != b), min(len(one), len(two)))
            check(f"{name}: {len(one)} pieces", one == two, f"from {first}: {one[first:first + 3]} {two[first:first + 3]}")
            for file_name, text in ((name, file), ("hostile lines", other)):
                encode(f"{name}, {file_name}", theirs, path, text)
        if options.model:
            model = sentencepiece.SentencePieceProcessor(model_file=options.model)
            for name, file, _ in texts + [("hostile lines", other, 0)]:
                encode(f"{os.path.basename(options.model)}, {name}", model, options.model, file)
    print(f"{failures} differences" if failures else "no differences")
    return 1 if failures else 0


def literal(text):
    special = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\t": "\\t"}
    return '"' + "".join(
        special.get(c) or (c if " " <= c <= "~" or c.isalnum() else f"\\u{{{ord(c):x}}}")
        for c in text) + '"'


def wrapped(indent, items, separator=", "):
    lines = [indent]
    for item in items:
        if len(lines[-1]) + len(item) > 96 and lines[-1] != indent:
            lines.append(indent)
        lines[-1] += ("" if lines[-1] == indent else " ") + item + separator.strip()
    return "\n".join(lines)


SWIFT = {
    "split_digits": "splitDigits", "split_by_number": "splitByNumber",
    "split_by_unicode_script": "splitByUnicodeScript", "split_by_whitespace": "splitByWhitespace",
    "allow_whitespace_only_pieces": "allowWhitespaceOnlyPieces",
    "add_dummy_prefix": "addDummyPrefix", "byte_fallback": "byteFallback",
    "max_sentencepiece_length": "maxPieceLength", "max_sentence_length": "maxSentenceLength",
    "character_coverage": "characterCoverage", "required_chars": "requiredChars",
    "user_defined_symbols": "userDefinedSymbols", "control_symbols": "controlSymbols",
    "hard_vocab_limit": "hardVocabLimit",
}


def swift(value):
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return literal(value)
    if isinstance(value, list):
        return "[" + ", ".join(map(literal, value)) + "]"
    return str(value)


def goldens():
    sentencepiece = library()
    out = ["// Written by Scripts/tokenizer-parity.py --goldens with SentencePiece 0.2.3; do not edit.",
           "// swift-format-ignore-file", "", "import Tokenizer", "", "extension TrainerGolden {",
           "  static let all: [TrainerGolden] = ["]
    names = {ENGLISH: "english", CODE: "code", RUSSIAN: "russian", HAN: "han", MARKS: "marks",
             SPACES: "spaces"}
    with tempfile.TemporaryDirectory() as folder:
        for number, (name, text, size, settings) in enumerate(CORPORA):
            file = os.path.join(folder, "text")
            open(file, "wb").write(text.encode())
            model = train(sentencepiece, file, size, settings, os.path.join(folder, str(number)))
            symbols = settings.get("user_defined_symbols", [])
            trained = [p[0] for p in pieces(model) if not (any(p[2:5]) or p[0] in symbols)]
            changes = "; ".join(f"$0.{SWIFT[k]} = {swift(v)}" for k, v in settings.items())
            sample = "The keeper's  \u0443\u0437\u0435\u043b \u7ed3 15 don't\t\u2603<s>"
            out += [f"    TrainerGolden(", f"      name: {literal(name)}, text: {names.get(text) or literal(text)},",
                    f"      vocabSize: {size}, change: {{ {changes or '_ in'} }},", "      pieces: [",
                    wrapped("        ", [literal(p) for p in trained]), "      ],",
                    "      sample: [" + ", ".join(map(str, model.encode(sample))) + "]),"]
    out += ["  ]", "", f"  static let sample = {literal(sample)}", "}", ""]
    for text, name in names.items():
        out.append(f"private let {name} =")
        lines = text.split("\n")[:-1]
        out += [("    " if i == 0 else "    + ") + literal(line + "\n") for i, line in enumerate(lines)]
        out.append("")
    path = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "Tests", "TokenizerTests",
                        "TrainerGoldens.swift")
    open(path, "w").write("\n".join(out))
    return 0


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--quipu", help="path of the quipu executable")
    parser.add_argument("--text", nargs="*", default=[], help="more texts to train on")
    parser.add_argument("--vocab-size", type=int, default=4000, help="for those texts")
    parser.add_argument("--model", help="a model whose ids to compare as well, such as LLaMA's")
    parser.add_argument("--goldens", action="store_true", help="write the tests' golden file")
    options = parser.parse_args()
    if options.goldens:
        return goldens()
    if not options.quipu:
        parser.error("--quipu PATH is needed")
    return compare(options)


if __name__ == "__main__":
    sys.exit(main())
