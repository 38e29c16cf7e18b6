#!/usr/bin/env python3
"""Tests the whole message of everything that rk_add_actors refuses.

usage: add_actors_refusals.py RkAddActors.cmake
"""

import pathlib
import subprocess
import sys
import tempfile
import unittest

FUNCTION = pathlib.Path(sys.argv.pop())
PROJECT = f"""
cmake_minimum_required(VERSION 3.25)
project(Refusals LANGUAGES NONE)
include("{FUNCTION}")
add_executable(RingKernel::rkc IMPORTED)
add_library(RingKernel::runtime INTERFACE IMPORTED)
add_executable(program a.cpp)
set_target_properties(program PROPERTIES LINKER_LANGUAGE CXX)
"""


class RefusalsTest(unittest.TestCase):

    def configure(self, lines):
        with tempfile.TemporaryDirectory() as folder:
            root = pathlib.Path(folder)
            (root / "a.cpp").touch()
            (root / "CMakeLists.txt").write_text(PROJECT + lines)
            result = subprocess.run(
                ["cmake", "-S", root, "-B", root / "build", "-G", "Ninja"],
                capture_output=True, text=True)
            return " ".join(result.stderr.replace(str(root), "<dir>").split())

    def refuses(self, lines, message):
        self.assertIn(f"(message): {message} Call Stack", self.configure(lines))

    def test_unknown_word(self):
        self.refuses(
            "rk_add_actors(program SOURCE a.cpp ARCHS host)",
            "rk_add_actors(program): unknown words: SOURCE;a.cpp; the function "
            "knows SOURCES, ARCHS and OPTIONS")

    def test_no_sources(self):
        self.refuses("rk_add_actors(program ARCHS host)",
                     "rk_add_actors(program): SOURCES is missing")

    def test_no_archs(self):
        self.refuses("rk_add_actors(program SOURCES a.cpp)",
                     "rk_add_actors(program): ARCHS is missing")

    def test_unknown_arch(self):
        self.refuses(
            "rk_add_actors(program SOURCES a.cpp ARCHS sm90)",
            "rk_add_actors(program): ARCHS: sm90 is not an architecture; write "
            "sm_<number>, sm_<number>a, sm_<number>f or host")

    def test_no_such_file(self):
        self.refuses(
            "rk_add_actors(program SOURCES b.cpp ARCHS host)",
            "rk_add_actors(program): SOURCES: there is no file <dir>/b.cpp")

    def test_no_such_target(self):
        self.refuses(
            "rk_add_actors(other SOURCES a.cpp ARCHS host)",
            "rk_add_actors(other): there is no target other; call "
            "add_executable(other ...) first")

    def test_static_library(self):
        self.refuses(
            "add_library(archive STATIC a.cpp)\n"
            "rk_add_actors(archive SOURCES a.cpp ARCHS host)",
            "rk_add_actors(archive): the target is a STATIC_LIBRARY; actors go "
            "into an executable or a shared library, because a linker leaves "
            "out the object of an archive that nothing refers to")

    def test_called_twice(self):
        self.refuses(
            "rk_add_actors(program SOURCES a.cpp ARCHS host)\n"
            "rk_add_actors(program SOURCES a.cpp ARCHS host)",
            "rk_add_actors(program): called twice; give all SOURCES in one "
            "call, since actors of two modules cannot send to each other")


if __name__ == "__main__":
    unittest.main()
