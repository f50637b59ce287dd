#!/usr/bin/env python3
"""Writes the table of named character references, Sources/Formats/Formats/HTMLNames.swift.

The names are those of the HTML standard, section 13.5, as Python's `html.entities` has them.
Usage: Scripts/html-names.py > Sources/Formats/Formats/HTMLNames.swift
"""

import html.entities

names = html.entities.html5
words = []
for name in sorted(name[:-1] for name in names if name.endswith(";")):
    value = names[name + ";"]
    mark = "" if name not in names else "!"
    assert name not in names or names[name] == value
    words.append(f"{mark}{name} {'+'.join(f'{ord(scalar):x}' for scalar in value)}")
assert sum(word.startswith("!") for word in words) + len(words) == len(names)

print("// Written by Scripts/html-names.py; do not edit.\n")
print(f"/// The {len(words)} names of the HTML standard, section 13.5, each before its one or two scalars")
print("/// in hexadecimal; `!` marks the names that are also recognised without a semicolon.")
print('let htmlNames = """')
line = "  "
for word in words:
    if len(line) + len(word) + 1 > 97:
        print(line + "\\")
        line = "  "
    line += word + " "
print(line.rstrip())
print('  """')
