#!/usr/bin/env python3
"""Checks that each part has a README that begins with the part's role, that
every path which a .md file names exists and every environment variable is listed
in docs/environment.md."""

import os
import pathlib
import re

import repo

# Folders that come into being on a user's machine.
MADE_LATER = ("build/", ".deps/")
PATH = re.compile(r"[\w.*{},+-]+(?:/[\w.*{},+-]+)*/?")


def check_readmes(errors):
    for part in repo.parts():
        if part.folder.count("/") != 1:
            continue
        readme = f"{part.folder}README.md"
        if not (repo.ROOT / readme).is_file():
            errors.append(f"{readme}: is missing; its first sentence is: "
                          f"{part.role}")
            continue
        text = re.sub(r"^#[^\n]*\n", "", repo.read(readme)).strip()
        if not " ".join(text.split()).startswith(part.role):
            errors.append(f"{readme}: must begin with its role in "
                          f"docs/architecture.md: {part.role}")


def named_paths(text):
    """Yields (line, path) of what a Markdown text names as a path.

    That is the target of a relative link, and a word in backquotes that has a
    slash in it. Blocks of code are left out.
    """
    text = re.sub(r"^```.*?^```", lambda block: "\n" * block[0].count("\n"),
                  text, flags=re.M | re.S)
    for match in re.finditer(r"\]\(([^)#\s]+)(?:#[^)]*)?\)|`([^`\n]+)`", text):
        line = text.count("\n", 0, match.start()) + 1
        link, code = match.groups()
        if link and "://" not in link and not link.startswith("mailto:"):
            yield line, link, True
        elif code:
            word = code.split("#")[0].split(":")[0]
            if "/" in word.rstrip("/") or word.endswith("/"):
                if PATH.fullmatch(word):
                    yield line, word, False


def braces(path):
    """Expands the first {a,b} of a path, and so on."""
    match = re.search(r"\{([^{}]*)\}", path)
    if not match:
        return [path]
    return [found for choice in match.group(1).split(",")
            for found in braces(path[:match.start()] + choice
                                + path[match.end():])]


def present():
    """Every file of the repository and every folder that holds one."""
    found = {pathlib.PurePosixPath(".")}
    for path in repo.files():
        found.update([path, *path.parents])
    return found


def exists(folder, path, is_link, known):
    """Whether a path that a file in `folder` names is in the repository.

    A word in backquotes counts as a path only if its first part is a folder or
    file beside the text or at the top, or an include prefix.
    """
    if path.startswith(MADE_LATER):
        return True
    roots = [folder] if is_link else [folder, pathlib.PurePosixPath(".")]
    first = path.split("/")[0]
    if not is_link:
        if first in ("rk", "rkc"):
            roots += [root.relative_to(repo.ROOT)
                      for root in repo.ROOT.glob("*/include")]
            roots.append(pathlib.PurePosixPath("compiler/dsl/include"))
        elif not any((repo.ROOT / root / first).exists() for root in roots):
            return True
    return any(list((repo.ROOT / root).glob(path.rstrip("/")))
               if "*" in path else normal(root / path) in known
               for root in roots)


def normal(path):
    return pathlib.PurePosixPath(os.path.normpath(path))


def check_paths(errors):
    known = present()
    for page in repo.files(".md"):
        for line, path, is_link in named_paths(repo.read(page)):
            for one in braces(path):
                if not exists(page.parent, one, is_link, known):
                    errors.append(f"{page}:{line}: there is no {one}")


def check_variables(errors):
    page = repo.read("docs/environment.md")
    pattern = re.compile(r'getenv\("(\w+)"|ariable\("(RK_\w+)"'
                         r'|nvironment\("(\w+)"|\$\{(RK_[A-Z_]+):-')
    for path in repo.files(".cpp", ".h", ".sh", "/setup", "/demo", "/build"):
        if path.parts[0] == "test":
            continue
        text = repo.read(path)
        for match in pattern.finditer(text):
            name = next(filter(None, match.groups()))
            if f"`{name}`" not in page:
                line = text.count("\n", 0, match.start()) + 1
                errors.append(f"{path}:{line}: {name} is not listed in "
                              "docs/environment.md")


def main():
    errors = []
    if (repo.ROOT / "docs/environment.md").is_file():
        check_variables(errors)
    check_readmes(errors)
    check_paths(errors)
    repo.finish("docs", errors, "write the README, or correct the path")


if __name__ == "__main__":
    main()
