#!/usr/bin/env python3
"""Finds what should not be left in the text of a file: unfinished work without
an issue, paths of somebody's machine, conflict marks, missing licence lines,
names forced on every includer."""

import re

import repo

SOURCES = (".h", ".cpp", ".def", ".td")
SELF = "tools/dev/check-text.py"
RULES = [
    (re.compile(r"(?<!`)\b(TODO|FIXME|XXX|HACK)\b(?!\(#\d+\))"), None,
     "name the issue that will do it, as in TODO(#12), or do it now"),
    (re.compile(r"(?<![\w.<>$}\"'*)/-])/(work|home|root|Users)/\w"), None,
     "a path of one machine means nothing on another; make it relative"),
    (re.compile(r"^(<{7}|>{7}) "), None, "resolve the conflict"),
    (re.compile(r"^\s*using namespace\b(?!.*_literals;)"), (".h",),
     "a header must not open a namespace for whoever includes it"),
    (re.compile(r"^//-\*-"), SOURCES + (".cu", ".cuh"),
     "the file's first line was too long and has been cut; shorten it"),
    (re.compile(r"[ \t]+$"), SOURCES + (".py", ".cmake", ".txt"),
     "remove the blanks at the end of the line"),
]
BINARY_OR_FOREIGN = re.compile(
    r"^LICENSE$|/results/|/trials/|/gpu-results/|/corpus/|\.(rkm|bin|cubin|bc|png|svg)$")


def main():
    errors = []
    for path in repo.files():
        if BINARY_OR_FOREIGN.search(str(path)) or str(path) == SELF:
            continue
        text = repo.read(path)
        for number, line in enumerate(text.split("\n"), 1):
            for pattern, suffixes, repair in RULES:
                if suffixes and path.suffix not in suffixes:
                    continue
                if pattern.search(line):
                    errors.append(f"{path}:{number}: {line.strip()[:60]!r}: "
                                  f"{repair}")
        if path.suffix in SOURCES and "/Inputs/" not in str(path) \
                and "SPDX-License-Identifier: Apache-2.0" not in text[:600] \
                and path.parts[0] not in ("test", "examples"):
            errors.append(f"{path}:1: the first lines must hold "
                          "'SPDX-License-Identifier: Apache-2.0'")
    repo.finish("text", errors, "as each line says")


if __name__ == "__main__":
    main()
