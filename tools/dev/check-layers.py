#!/usr/bin/env python3
"""Finds #include and link edges that docs/architecture.md does not allow."""

import pathlib
import re

import repo

EXTERNAL_PREFIXES = {
    "mlir/": "MLIR", "mlir-c/": "MLIR",
    "llvm/": "LLVM", "llvm-c/": "LLVM",
    "clang/": "Clang", "clang-c/": "Clang",
    "cuda": "CUDA", "nvJitLink": "CUDA", "nvrtc": "CUDA",
    "gtest/": "GoogleTest", "gmock/": "GoogleTest",
    "benchmark/": "Benchmark",
    "fmt/": "fmt", "spdlog/": "spdlog", "CLI/": "CLI", "nlohmann/": "nlohmann",
}
EXTERNAL_TARGETS = {
    "rkc::llvm": {"LLVM", "MLIR"}, "rkc_llvm": {"LLVM", "MLIR"},
    "rkc::clang": {"Clang", "LLVM", "MLIR"},
    "rkc_clang": {"Clang", "LLVM", "MLIR"},
    "MLIR": {"MLIR"}, "LLVM": {"LLVM"}, "clang-cpp": {"Clang"},
    "CUDA::cuda_driver": {"CUDA"}, "CUDA::cudart": {"CUDA"},
    "CUDA::nvJitLink": {"CUDA"},
    "GTest::gtest": {"GoogleTest"}, "GTest::gmock": {"GoogleTest"},
    "benchmark::benchmark": {"Benchmark"},
}
FREESTANDING = {"stdint.h", "stddef.h"}
SOURCES = (".h", ".cpp", ".def", ".inc", ".td")
INCLUDE = re.compile(r'^[ \t]*(?:#\s*include|include)\s+(["<])([^">]+)[">]', re.M)


def include_roots(sources):
    """Every folder called include, relative to the root, longest first."""
    roots = {str(pathlib.PurePosixPath(*path.parts[:i + 1]))
             for path in sources
             for i, part in enumerate(path.parts[:-1]) if part == "include"}
    return sorted(roots, key=len, reverse=True)


def owner(name, source, roots, known):
    """The path in the repository that an #include means, or None.

    A generated header is no file here; it belongs to the include root that has
    its folder.
    """
    beside = pathlib.PurePosixPath(source).parent / name
    above = [pathlib.PurePosixPath(*source.parts[:i]) / name
             for i in range(len(source.parts) - 1)]
    for candidate in [beside, *above]:
        normal = str(candidate)
        if ".." in candidate.parts:
            normal = str((repo.ROOT / candidate).resolve()
                         .relative_to(repo.ROOT))
        if normal in known:
            return normal
    for root in roots:
        if f"{root}/{name}" in known:
            return f"{root}/{name}"
    top = source.parts[0]
    for path in sorted(known):  # a search path of the part's own
        if path.startswith(f"{top}/") and path.endswith(f"/{name}"):
            return path
    folder = str(pathlib.PurePosixPath(name).parent)
    for root in roots:
        if folder.count("/") >= 1 and (repo.ROOT / root / folder).is_dir():
            return f"{root}/{name}"
    return None


def allowed_folder(part, target, table):
    """Whether a file of `part` may use the file `target`."""
    other = repo.part_of(target, table)
    if part.all or other is None or other.folder == part.folder:
        return other is not None or part.all
    if target.startswith(part.folder):
        return True
    if not any(target.startswith(folder) for folder in part.may_include):
        return False
    return not part.public_only or "/include/" in target


def allowed_external(part, name, system):
    """Whether a file of `part` may use a header from outside."""
    if part.all:
        return True
    for prefix, package in EXTERNAL_PREFIXES.items():
        if name.startswith(prefix):
            return package in part.external
    if "freestanding" in part.external:
        return name in FREESTANDING
    return system or part.folder.startswith("test/")


def check_includes(sources, table, errors):
    roots = include_roots(sources)
    known = {str(path) for path in sources}
    for source in sources:
        part = repo.part_of(source, table)
        if part is None:
            continue
        text = repo.read(source)
        for match in INCLUDE.finditer(text):
            line = text.count("\n", 0, match.start()) + 1
            system, name = match.group(1) == "<", match.group(2)
            target = owner(name, source, roots, known)
            if target is not None:
                fine = allowed_folder(part, target, table)
            else:
                fine = allowed_external(part, name, system)
            if not fine:
                where = f" ({target})" if target else ""
                errors.append(f"{source}:{line}: {part.folder} must not "
                              f"include {name}{where}")


def cmake_commands(text, *names):
    """The argument lists of the calls of the named CMake commands."""
    text = re.sub(r"#[^\n]*", "", text)
    for match in re.finditer(rf"\b({'|'.join(names)})\s*\(([^)]*)\)", text):
        yield text.count("\n", 0, match.start()) + 1, match.group(2).split()


def check_links(table, errors):
    lists = repo.files("CMakeLists.txt")
    home = {}
    for path in lists:
        for _, words in cmake_commands(repo.read(path), "add_library",
                                       "add_executable", r"rk\w*_add_\w+"):
            if words:
                home.setdefault(words[0], str(path))
    for path in lists:
        for _, words in cmake_commands(repo.read(path), "add_library"):
            if len(words) == 3 and words[1] == "ALIAS" and words[2] in home:
                home[words[0]] = home[words[2]]

    for path in lists:
        part = repo.part_of(path, table)
        if part is None or part.all:
            continue
        for line, words in cmake_commands(repo.read(path),
                                          "target_link_libraries"):
            for word in words[1:]:
                packages = EXTERNAL_TARGETS.get(word, set())
                fine = packages <= part.external
                if word in home:
                    fine = allowed_link(part, home[word], table)
                if not fine:
                    errors.append(f"{path}:{line}: {part.folder} must not "
                                  f"link {word}")


def allowed_link(part, target, table):
    """As for an include; a library's CMakeLists.txt stands for its headers."""
    return (allowed_folder(part, target, table)
            or part.public_only
            and any(target.startswith(f) for f in part.may_include))


def main():
    table = repo.parts()
    errors = []
    if len(table) < 10:
        errors.append("docs/architecture.md: the tables of parts are gone")
    check_includes(repo.files(*SOURCES), table, errors)
    check_links(table, errors)
    repo.finish("layers", errors, "remove the edge, or change the table in "
                "docs/architecture.md and say why")


if __name__ == "__main__":
    main()
