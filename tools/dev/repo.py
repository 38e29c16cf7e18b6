"""What the checks of this folder share: the files of the repository, the table
of its parts, and one way to report."""

import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]


def files(*suffixes):
    """The files that git tracks or would track, sorted, relative to the root.

    With suffixes, only those whose name ends in one of them.
    """
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT, check=True, capture_output=True, text=True).stdout
    names = sorted(set(filter(None, listed.split("\0"))))
    return [pathlib.PurePosixPath(name) for name in names
            if (ROOT / name).is_file()
            and (not suffixes or name.endswith(suffixes))]


def read(path):
    """The text of a file; bytes that are no UTF-8 become replacement marks."""
    return (ROOT / path).read_text(encoding="utf-8", errors="replace")


class Part:
    """One row of the tables in docs/architecture.md."""

    def __init__(self, cells):
        folder, self.role, _, include, external = cells
        self.folder = folder.strip("`")
        self.all = include == "all"
        self.public_only = "(public)" in include
        self.may_include = re.findall(r"`([^`]+/)`", include)
        self.external = set(re.findall(r"[A-Za-z]+", external))


def parts():
    """The rows of the tables in docs/architecture.md, longest folder first."""
    found = []
    for line in read("docs/architecture.md").splitlines():
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
        if len(cells) == 5 and re.fullmatch(r"`[\w./-]+/`", cells[0]):
            found.append(Part(cells))
    return sorted(found, key=lambda part: -len(part.folder))


def part_of(path, table):
    """The part that a path belongs to, or None."""
    return next((part for part in table
                 if str(path).startswith(part.folder)), None)


def finish(name, errors, repair):
    """Prints the errors and how to repair them, and ends with 0 or 1."""
    for error in errors:
        print(error)
    if errors:
        print(f"{name}: {len(errors)} found. Repair: {repair}")
    sys.exit(1 if errors else 0)
