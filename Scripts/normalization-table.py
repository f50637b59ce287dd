#!/usr/bin/env python3
"""Writes Sources/Tokens/Tokenizer/Normalizing/NormalizationTable.swift: what Unicode 17.0 says of
decomposition, composition, combining classes and simple case folding.

    pip install unicodedata2==17.0.0 regex
    Scripts/normalization-table.py > Sources/Tokens/Tokenizer/Normalizing/NormalizationTable.swift

SentencePiece 0.2.3 has its rules from the same version. Hangul syllables are left to arithmetic.
"""
import sys
import unicodedata2 as unicode
from regex import _regex

assert unicode.unidata_version == "17.0.0", unicode.unidata_version
SCALARS = [chr(number) for number in range(0x110000) if not 0xD800 <= number < 0xE000]
HANGUL = range(0xAC00, 0xD7A4)
SIMPLE_FOLDING = 0x22  # the regex package's flags IGNORECASE and UNICODE


def fold(scalar):
    if scalar == "I":
        return "i"  # the package leaves it be, for Turkish
    return _regex.fold_case(SIMPLE_FOLDING, scalar)


def numbers(text):
    return " ".join("%X" % ord(scalar) for scalar in text)


def runs(pairs):
    """Rows `first target` and, where both go up by the same step, `first*count+step target`."""
    rows, place = [], 0
    while place < len(pairs):
        source, target = pairs[place]
        count, step = 1, 0
        if len(target) == 1:
            while place + count < len(pairs):
                next_source, next_target = pairs[place + count]
                gap = ord(next_source) - ord(pairs[place + count - 1][0])
                if len(next_target) != 1 or gap > 2 or step not in (0, gap):
                    break
                if ord(next_target) - ord(target) != ord(next_source) - ord(source):
                    break
                step = gap
                count += 1
        run = f"*{count:X}+{step}" if count > 1 else ""
        rows.append(f"{ord(source):X}{run} {numbers(target)}")
        place += count
    return rows


def class_runs():
    rows, previous = [], None
    for scalar in SCALARS:
        combining = unicode.combining(scalar)
        if previous and previous[2] == combining and ord(scalar) == previous[0] + previous[1]:
            previous[1] += 1
        elif combining:
            previous = [ord(scalar), 1, combining]
            rows.append(previous)
        else:
            previous = None
    return [f"{first:X}{f'*{count:X}+1' if count > 1 else ''} {value:X}" for first, count, value in rows]


def lines(rows):
    result = [""]
    for row in rows:
        if len(result[-1]) + len(row) + 1 > 96:
            result.append("")
        result[-1] += ("," if result[-1] else "") + row
    return "\n".join("    " + line for line in result)


decompositions = [
    (scalar, unicode.normalize("NFKD", scalar)) for scalar in SCALARS
    if ord(scalar) not in HANGUL and unicode.normalize("NFKD", scalar) != scalar]
compositions = []
for scalar in SCALARS:
    mapping = unicode.decomposition(scalar)
    parts = [chr(int(part, 16)) for part in mapping.split()] if mapping and "<" not in mapping else []
    if len(parts) == 2 and unicode.normalize("NFC", "".join(parts)) == scalar:
        compositions.append((scalar, "".join(parts)))
composed = {scalar for scalar, _ in compositions}
singles = [
    (scalar, unicode.normalize("NFD", scalar)) for scalar in SCALARS
    if ord(scalar) not in HANGUL and scalar not in composed
    and unicode.normalize("NFD", scalar) != scalar]
folds = [(scalar, fold(scalar)) for scalar in SCALARS
         if unicode.category(scalar) != "Cn" and fold(scalar) != scalar]

print(f'''// Written by Scripts/normalization-table.py; do not edit.

/// What Unicode 17.0 says of normalization and case, as rows between commas.
///
/// A row is a scalar and what belongs to it, all in hexadecimal; `first*count+step` stands for so
/// many scalars, with the single scalar that belongs to the first going up as they do, or with the
/// same number in the case of combining classes.
// swift-format-ignore
enum NormalizationTable {{
  /// Compatibility decompositions, full and in canonical order, but for Hangul syllables.
  static let decompositions = """
{lines(runs(decompositions))}
    """

  /// Scalars and the two that compose them, but for Hangul syllables.
  static let compositions = """
{lines(runs(compositions))}
    """

  /// Canonical decompositions, full, of what nothing composes, but for Hangul syllables.
  static let singles = """
{lines(runs(singles))}
    """

  /// Combining classes that are not 0.
  static let classes = """
{lines(class_runs())}
    """

  /// Simple case foldings.
  static let folds = """
{lines(runs(folds))}
    """
}}''')
