#!/usr/bin/env python3
"""Compiles each header alone, so that none depends on what was included before.

usage: check-headers.py [--build-dir DIR] [--all]

Headers that users read (prefix rk/) are compiled with g++ and with clang++, as
a user would; with --all those of the compiler too, with clang++ and the flags
that DIR/compile_commands.json has for a source of the same folder.
"""

import argparse
import concurrent.futures
import json
import os
import pathlib
import shlex
import subprocess
import sys

import repo

PUBLIC_ROOTS = ("compiler/dsl/include", "ir/include", "runtime/include")

def clang():
    return "/usr/lib/llvm-22/bin/clang++"


def public_commands():
    flags = [f"-I{root}" for root in PUBLIC_ROOTS]
    for header in repo.files(".h"):
        if str(header).startswith(PUBLIC_ROOTS):
            for compiler, quiet in (("g++", "-Wno-attributes=rk::"),
                                    (clang(), "-Wno-unknown-attributes")):
                yield header, [compiler, "-std=c++20", "-Wall", "-Wextra",
                               "-Werror", quiet, *flags]


def kept_flags(command):
    """The flags of a compile command that decide how a header is read."""
    words, kept = iter(shlex.split(command)), []
    for word in words:
        if word in ("-isystem", "-I", "-D"):
            kept.append(f"{word}{next(words)}")
        elif word.startswith(("-I", "-D", "-std=")):
            kept.append(word)
    return kept


def compiler_commands(build_dir):
    with open(build_dir / "compile_commands.json", encoding="utf-8") as file:
        commands = json.load(file)
    flags = {}
    for entry in commands:
        path = os.path.relpath(entry["file"], repo.ROOT)
        known = flags.setdefault(path.split("/")[0], {})
        known.update(dict.fromkeys(kept_flags(entry["command"])))
    for header in repo.files(".h"):
        top = header.parts[0]
        if top in ("compiler", "dialect", "lib") and top in flags \
                and not str(header).startswith(PUBLIC_ROOTS):
            yield header, [clang(), *flags[top], "-Wno-unknown-attributes",
                           f"-I{header.parent}"]


def compile_alone(header, command):
    result = subprocess.run(
        [*command, "-fsyntax-only", "-x", "c++", "-include", str(header),
         "/dev/null"], cwd=repo.ROOT, capture_output=True, text=True)
    if result.returncode == 0:
        return None
    first = next((line for line in result.stderr.splitlines()
                  if "error" in line), result.stderr[:200])
    return f"{header}: not self-contained ({command[0]}): {first}"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--build-dir", type=pathlib.Path,
                        default=repo.ROOT / "build/release")
    parser.add_argument("--all", action="store_true")
    options = parser.parse_args()
    work = list(public_commands())
    if options.all:
        work += compiler_commands(options.build_dir)
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        errors = [error for error in pool.map(lambda w: compile_alone(*w), work)
                  if error]
    print(f"{len(work)} headers compiled", file=sys.stderr)
    repo.finish("headers", errors, "include in the header what it uses")


if __name__ == "__main__":
    main()
