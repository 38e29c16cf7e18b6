#!/usr/bin/env python3
"""Compiles each header alone, so that none depends on what was included before.

usage: check-headers.py [--compiler [--build-dir DIR]]

Headers that users read (prefix rk/) are compiled with g++ and with clang++, as
a user would. With --compiler it is those of the compiler instead, with clang++
and the flags that DIR/compile_commands.json has for a source of the same folder;
the build in DIR has shown it already of a header that a source includes before
all others. Where LLVM's or Clang's headers were precompiled, it has shown all
but what the header must include of those: there the bodies of functions are left out.
"""

import argparse
import concurrent.futures
import json
import os
import pathlib
import re
import shlex
import subprocess
import sys

import repo

PUBLIC_ROOTS = ("compiler/dsl/include", "ir/include", "runtime/include")
INCLUDE = re.compile(r'^#\s*include\s+["<]([^">]+)[">]', re.M)


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


def has_llvm_before(entry):
    """Whether headers of LLVM, or of Clang, were precompiled for a source."""
    return ("rkc_llvm_headers" in entry["command"]
            or "rkc_frontend_clang.dir/cmake_pch" in entry["command"])


def first_header(entry):
    """The header that a source includes first, and alone: no precompiled one
    comes before it, or only those of LLVM."""
    source = pathlib.Path(entry["file"])
    if not source.exists() or ("cmake_pch" in entry["command"]
                               and not has_llvm_before(entry)):
        return None
    first = INCLUDE.search(source.read_text(encoding="utf-8"))
    folders = [source.parent] + [
        pathlib.Path(flag[2:]) for flag in kept_flags(entry["command"])
        if flag.startswith("-I")]
    return first and next(
        (folder / first[1] for folder in folders
         if (folder / first[1]).exists()), None)


def shown_by_build(commands, build_dir):
    """The headers that a source includes first whose object is up to date: two
    sets, of those that were alone and of those behind LLVM's."""
    alone, behind_llvm = set(), set()
    for entry in commands:
        header = first_header(entry)
        if header is None:
            continue
        words = shlex.split(entry["command"])
        built = build_dir / words[words.index("-o") + 1]
        newest = max(path.stat().st_mtime
                     for path in (header, pathlib.Path(entry["file"])))
        if built.exists() and built.stat().st_mtime >= newest:
            (behind_llvm if has_llvm_before(entry) else alone).add(
                header.resolve())
    return alone, behind_llvm


def compiler_commands(build_dir):
    with open(build_dir / "compile_commands.json", encoding="utf-8") as file:
        commands = json.load(file)
    alone, behind_llvm = shown_by_build(commands, build_dir)
    flags = {}
    for entry in commands:
        path = os.path.relpath(entry["file"], repo.ROOT)
        known = flags.setdefault(path.split("/")[0], {})
        known.update(dict.fromkeys(kept_flags(entry["command"])))
    for header in repo.files(".h"):
        top = header.parts[0]
        if top in ("compiler", "dialect", "lib") and top in flags \
                and not str(header).startswith(PUBLIC_ROOTS) \
                and (repo.ROOT / header).resolve() not in alone:
            quick = ["-Xclang", "-skip-function-bodies"] \
                if (repo.ROOT / header).resolve() in behind_llvm else []
            yield header, [clang(), *flags[top], "-Wno-unknown-attributes",
                           f"-I{header.parent}", *quick]


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
    parser.add_argument("--compiler", action="store_true")
    options = parser.parse_args()
    work = list(compiler_commands(options.build_dir.resolve())
                if options.compiler else public_commands())
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        errors = [error for error in pool.map(lambda w: compile_alone(*w), work)
                  if error]
    print(f"{len(work)} headers compiled", file=sys.stderr)
    repo.finish("headers", errors, "include in the header what it uses")


if __name__ == "__main__":
    main()
