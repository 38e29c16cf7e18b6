#!/usr/bin/env python3
"""Finds files and functions that are too long to be read at once.

An exception stands in size-exceptions.txt: the name as printed here, and after
it the reason.
"""

import re

import repo

FILE_LIMITS = {".td": 500, ".cpp": 600, ".h": 300, ".mlir": 300, ".py": 600,
               ".cmake": 300}
FUNCTION_LIMIT = 60
EXCEPTIONS = "tools/dev/size-exceptions.txt"
NOT_A_FUNCTION = re.compile(
    r"^\s*(namespace|class|struct|enum|union|extern|if|for|while|switch|do|else"
    r"|case|template\s*<[^>]*>\s*(class|struct)|#|//|\}|@|return|try|static_assert)"
    r"\b|=\s*\{$|^\s*[{}#/]")


def functions(lines):
    """Yields (first line, name, length) of function bodies.

    Relies on the repository's format: a body's last brace stands alone, at the
    indent of the first line of its function. Only functions of namespaces and
    of classes in them are seen, which clang-format indents by 0 and 2.
    """
    index = 0
    while index < len(lines):
        end = None
        first = lines[index]
        indent = len(first) - len(first.lstrip())
        starts = (indent in (0, 2) and first.strip() and "(" in first
                  and not NOT_A_FUNCTION.search(first)
                  and not first.rstrip().endswith((";", "\\")))
        if starts:
            opening = body_start(lines, index, indent)
            if opening is not None:
                closing = " " * indent + "}"
                end = next((i for i in range(opening + 1, len(lines))
                            if lines[i].rstrip() in (closing, closing + ";")),
                           None)
        if end is not None:
            name = re.search(r"([\w:~]+)\s*\(", first)
            yield (index + 1, name.group(1) if name else "?",
                   end - opening + 1)
            index = end
        index += 1


def body_start(lines, index, indent):
    """The line whose end opens the body of the function that starts at index."""
    for i in range(index, min(index + 12, len(lines))):
        text = lines[i].rstrip()
        if i > index and text and len(text) - len(text.lstrip()) < indent + 2 \
                and not text.lstrip().startswith((":", ")")):
            return None
        if text.endswith("{"):
            return i
        if text.endswith((";", "}")):
            return None
    return None


def main():
    excepted = {line.split()[0] for line in repo.read(EXCEPTIONS).splitlines()
                if len(line.split()) > 1 and not line.startswith("#")}
    errors, used = [], set()

    def report(key, message):
        used.add(key)
        if key not in excepted:
            errors.append(message)

    for path in repo.files(*FILE_LIMITS):
        lines = repo.read(path).splitlines()
        limit = FILE_LIMITS[path.suffix]
        if len(lines) > limit:
            report(str(path), f"{path}: {len(lines)} lines; a {path.suffix} "
                   f"file has at most {limit}")
        if path.suffix not in (".cpp", ".h"):
            continue
        for line, name, length in functions(lines):
            if length > FUNCTION_LIMIT:
                report(f"{path}:{name}", f"{path}:{line}: {name} has {length} "
                       f"lines; a function has at most {FUNCTION_LIMIT}")
    for key in sorted(excepted - used):
        errors.append(f"{EXCEPTIONS}: {key} is within its limit; remove it")
    repo.finish("sizes", errors, f"split it, or list it in {EXCEPTIONS} with "
                "the reason")


if __name__ == "__main__":
    main()
