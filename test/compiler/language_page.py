#!/usr/bin/env python3
"""Checks a page of docs/: its programs compile, its messages are real.

A block of C++ that begins with `// name.cpp` is a whole program. It must pass
the frontend and the host's compiler without a warning, unless it says what it
is refused for (`// refused: MESSAGE`). `// prints: TEXT` is what it prints when
`rkc` makes a program of it. Every message in the page's tables must stand, word
for word, in a test that expects it.
"""

import argparse
import pathlib
import re
import subprocess
import sys
import tempfile

BLOCK = re.compile(r"^```cpp\n// ([\w-]+\.cpp)\n(.*?)^```$", re.M | re.S)
MESSAGE = re.compile(r"^\| `([^|]{25,})` \|$", re.M)


def run(command, where):
    return subprocess.run(
        command, cwd=where, capture_output=True, text=True, timeout=300
    )


def check_block(name, text, where, options):
    """Returns what is wrong with one program of the page."""
    (where / name).write_text(f"// {name}\n{text}")
    refused = re.findall(r"^// refused: (.*)$", text, re.M)
    prints = re.findall(r"^// prints: (.*)$", text, re.M)
    checked = run(
        [options.frontend, f"-dsl={options.include}", "--check", name], where
    )
    if refused:
        missing = [m for m in refused if m not in checked.stderr]
        if checked.returncode == 1 and not missing:
            return ""
        return f"{name}: expected {missing or refused}, got:\n{checked.stderr}"
    if checked.returncode != 0 or checked.stderr:
        return f"{name}: refused:\n{checked.stderr}"
    host = run(
        [options.gxx, "-std=c++20", "-Wall", "-Wextra", "-Werror",
         "-Wno-attributes=rk::", "-fsyntax-only", f"-I{options.include}", name],
        where,
    )
    if host.returncode != 0:
        return f"{name}: the host's compiler says:\n{host.stderr}"
    if prints and options.rkc:
        built = run([options.rkc, "--arch=host", name, "-o", "program"], where)
        if built.returncode != 0:
            return f"{name}: rkc says:\n{built.stderr}"
        out = run(["./program"], where).stdout.splitlines()
        if out != prints:
            return f"{name}: printed {out}, expected {prints}"
    return ""


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    for name in ("page", "tests", "frontend", "include", "gxx"):
        parser.add_argument(f"--{name}", required=True)
    parser.add_argument("--rkc", default="")
    parser.add_argument("--programs", type=int, required=True)
    parser.add_argument("--messages", type=int, required=True)
    options = parser.parse_args()
    page = pathlib.Path(options.page).read_text()
    tests = "".join(
        file.read_text() for file in pathlib.Path(options.tests).rglob("*.cpp")
    )
    tests = tests.replace(r"{{\[\[}}", "[[")
    faults = [
        f"no test expects this message of the page: {message}"
        for message in MESSAGE.findall(page)
        if message not in tests
    ]
    blocks = BLOCK.findall(page)
    with tempfile.TemporaryDirectory() as folder:
        for name, text in blocks:
            fault = check_block(name, text, pathlib.Path(folder), options)
            if fault:
                faults.append(fault)
    if (len(blocks) < options.programs
            or len(MESSAGE.findall(page)) < options.messages):
        faults.append("the page has fewer programs or messages than it had")
    print("\n".join(faults))
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
