#!/usr/bin/env python3
"""Tests that each check of tools/dev finds the faults it is for.

Each case writes one fault into a small repository that is clean without it.
"""

import pathlib
import shutil
import subprocess
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
LICENCE = "// SPDX-License-Identifier: Apache-2.0\n"


class ChecksTest(unittest.TestCase):

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = pathlib.Path(folder.name)
        shutil.copytree(ROOT / "tools/dev", self.root / "tools/dev",
                        ignore=shutil.ignore_patterns("__pycache__"))
        self.write("tools/dev/size-exceptions.txt", "")
        self.write(".clang-format", (ROOT / ".clang-format").read_text())
        self.write("docs/architecture.md",
                   (ROOT / "docs/architecture.md").read_text())
        self.write("ir/include/rk/abi/Good.h", LICENCE + "#include <stdint.h>\n")
        self.write("lib/include/rkc/target/Target.h",
                   LICENCE + "#include \"llvm/ADT/StringRef.h\"\n")
        subprocess.run(["git", "init", "-q"], cwd=self.root, check=True)

    def write(self, path, text):
        path = self.root / path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    def check(self, name):
        result = subprocess.run(
            [self.root / "tools/dev/check", name], cwd=self.root,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        return result.returncode, result.stdout

    def finds(self, name, message):
        status, output = self.check(name)
        self.assertEqual(status, 1, output)
        self.assertIn(message, output)

    def test_clean_repository_passes(self):
        for name in ("format", "layers", "sizes", "text", "device-grid",
                     "headers", "shell"):
            status, output = self.check(name)
            self.assertEqual(status, 0, output)

    def test_layers_finds_an_include_from_above(self):
        self.write("runtime/host/A.cpp", "#include \"rkc/target/Target.h\"\n")
        self.finds("layers", "runtime/host/A.cpp:1: runtime/ must not include "
                   "rkc/target/Target.h (lib/include/rkc/target/Target.h)")

    def test_layers_finds_a_foreign_library(self):
        self.write("ir/modfile/A.cpp", "\n#include \"llvm/ADT/StringRef.h\"\n")
        self.finds("layers", "ir/modfile/A.cpp:2: ir/ must not include "
                   "llvm/ADT/StringRef.h")

    def test_layers_finds_the_standard_library_in_the_abi(self):
        self.write("ir/include/rk/abi/A.h", "#include <vector>\n")
        self.finds("layers", "ir/include/rk/abi/ must not include vector")

    def test_layers_finds_a_link_edge(self):
        self.write("lib/CMakeLists.txt", "add_library(rkc_target a.cpp)\n"
                   "add_library(rkc::target ALIAS rkc_target)\n")
        self.write("runtime/CMakeLists.txt",
                   "target_link_libraries(rk_runtime PRIVATE\n  rkc::target)\n")
        self.finds("layers", "runtime/CMakeLists.txt:1: runtime/ must not link "
                   "rkc::target")

    def test_layers_finds_internal_headers_in_examples(self):
        self.write("runtime/host/Backend.h", LICENCE)
        self.write("examples/a/main.cpp",
                   "#include \"../../runtime/host/Backend.h\"\n")
        self.finds("layers", "examples/ must not include")

    def test_sizes_finds_a_long_file(self):
        self.write("lib/A.cpp", "\n" * 601)
        self.finds("sizes", "lib/A.cpp: 601 lines; a .cpp file has at most 600")

    def test_sizes_finds_a_long_function(self):
        body = "".join(f"  use({i});\n" for i in range(60))
        self.write("lib/A.cpp", "namespace a {\nvoid\nnot_here();\n"
                   "int work(int a,\n         int b) {\n" + body + "}\n}\n")
        self.finds("sizes", "work has 62 lines; a function has at most 60")

    def test_sizes_finds_a_long_member_function(self):
        body = "".join(f"    use({i});\n" for i in range(60))
        self.write("lib/A.h", "class A {\n  int size() { return 1; }\n"
                   "  int work() const {\n" + body + "  }\n};\n")
        self.finds("sizes", "lib/A.h:3: work has 62 lines")

    def test_sizes_finds_an_exception_without_need(self):
        self.write("lib/A.cpp", "\n")
        self.write("tools/dev/size-exceptions.txt", "lib/A.cpp generated\n")
        self.finds("sizes", "lib/A.cpp is within its limit; remove it")

    def test_docs_finds_a_missing_readme(self):
        self.finds("docs", "lib/README.md: is missing")

    def test_docs_finds_a_readme_with_another_role(self):
        self.write("lib/README.md", "# lib/\n\nVarious things.\n")
        self.finds("docs", "lib/README.md: must begin with its role")

    def test_docs_finds_a_stale_path(self):
        self.write("docs/a.md", "See `lib/old/Gone.cpp` and [b](b.md).\n")
        status, output = self.check("docs")
        self.assertEqual(status, 1)
        self.assertIn("docs/a.md:1: there is no lib/old/Gone.cpp", output)
        self.assertIn("docs/a.md:1: there is no b.md", output)

    def test_text_finds_what_is_left(self):
        unfinished = "TO" + "DO"
        self.write("lib/A.cpp", f"{LICENCE}// {unfinished}: later\n"
                   f"// {unfinished}(#3): planned\n// /ho" "me/me/file\n")
        status, output = self.check("text")
        self.assertEqual(status, 1)
        self.assertIn("lib/A.cpp:2:", output)
        self.assertNotIn("lib/A.cpp:3:", output)
        self.assertIn("lib/A.cpp:4:", output)

    def test_text_finds_a_missing_licence_line(self):
        self.write("lib/A.cpp", "int a;\n")
        self.finds("text", "lib/A.cpp:1: the first lines must hold")

    def test_device_grid_finds_a_missing_cell(self):
        self.write("runtime/device/nvptx/Clock.cpp", LICENCE)
        self.finds("device-grid", "runtime/device/host/Clock.cpp: is missing")

    def test_headers_finds_one_that_needs_another(self):
        self.write("ir/include/rk/abi/A.h", "inline uint32_t a() { return 1; }\n")
        self.finds("headers", "ir/include/rk/abi/A.h: not self-contained")

    def test_format_finds_and_repairs(self):
        self.write("lib/A.cpp", LICENCE + "int   a ;\n")
        self.finds("format", "lib/A.cpp")
        subprocess.run([self.root / "tools/dev/check", "--fix", "format"],
                       cwd=self.root, check=True, stdout=subprocess.DEVNULL)
        self.assertEqual((self.root / "lib/A.cpp").read_text(),
                         LICENCE + "int a;\n")

    def test_shell_finds_an_unquoted_variable(self):
        self.write("tools/dev/a.sh", "#!/bin/sh\nrm $1\n")
        self.finds("shell", "SC2086")


if __name__ == "__main__":
    unittest.main()
