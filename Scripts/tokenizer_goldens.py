"""Writes the trainer's golden file from SentencePiece's answers."""
import os
import tempfile

from tokenizer_texts import CODE, CORPORA, ENGLISH, HAN, LLAMA, MARKS, RUSSIAN, SPACES


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


def write():
    import sentencepiece
    out = ["// Written by Scripts/tokenizer-parity.py --goldens with SentencePiece 0.2.3; do not edit.",
           "// swift-format-ignore-file", "", "import Tokenizer", "", "extension TrainerGolden {",
           "  static let all: [TrainerGolden] = ["]
    names = {ENGLISH: "english", CODE: "code", RUSSIAN: "russian", HAN: "han", MARKS: "marks",
             SPACES: "spaces"}
    with tempfile.TemporaryDirectory() as folder:
        for number, (name, text, size, settings) in enumerate(CORPORA):
            file = os.path.join(folder, "text")
            open(file, "wb").write(text.encode())
            prefix = os.path.join(folder, str(number))
            sentencepiece.SentencePieceTrainer.train(
                input=file, model_prefix=prefix, model_type="bpe", num_threads=2, minloglevel=2,
                **{**LLAMA, "vocab_size": size, **settings})
            model = sentencepiece.SentencePieceProcessor(model_file=prefix + ".model")
            symbols = settings.get("user_defined_symbols", [])
            names_of_pieces = [(i, model.id_to_piece(i)) for i in range(model.get_piece_size())]
            trained = [name for i, name in names_of_pieces if name not in symbols and not (
                model.is_control(i) or model.is_unknown(i) or model.is_byte(i))]
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
