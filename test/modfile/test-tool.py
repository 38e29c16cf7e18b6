#!/usr/bin/env python3
"""Runs rk-modfile on good and bad files.

usage: test-tool.py PROGRAM FOLDER-OF-SAMPLE

What the sample holds comes from make-sample.py, which shares no code with the
program.
"""

import importlib.util
import json
import pathlib
import subprocess
import sys
import tempfile
import unittest

HERE = pathlib.Path(__file__).parent
sys.path.insert(0, str(HERE.parent / "compat"))
import sample


def load(path):
    spec = importlib.util.spec_from_file_location("make_sample", path)
    loaded = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(loaded)
    return loaded.SAMPLE


class Tool(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.path = self.folder / "sample.rkm"
        self.path.write_bytes(SAMPLE.build())

    def run_tool(self, *arguments):
        return subprocess.run([PROGRAM, *map(str, arguments)],
                              capture_output=True, text=True, check=False)

    def expect(self, code, out, error, *arguments):
        result = self.run_tool(*arguments)
        self.assertEqual((result.stdout, result.stderr, result.returncode),
                         (out, error, code))

    def other(self, change):
        """Writes the sample with something in its description changed."""
        module = load(SAMPLE_FOLDER / "make-sample.py")
        change(module)
        path = self.folder / "other.rkm"
        path.write_bytes(module.build())
        return path

    # dump

    def test_dump_is_the_text_of_the_documentation(self):
        expected = (HERE / "sample.dump").read_text()
        self.expect(0, expected, "", "dump", self.path)
        page = HERE.parents[1] / "docs" / "module-format.md"
        self.assertIn("```text\n" + expected + "```", page.read_text())

    def test_dump_of_modules_in_another_file(self):
        path = self.folder / "program"
        path.write_bytes(b"\x7fELF" + bytes(996) + SAMPLE.build() + b"tail")
        expected = (HERE / "sample.dump").read_text()
        self.expect(0, f"at byte 1000 of {path}\n" + expected, "", "dump", path)

    def test_json_holds_every_record(self):
        module = json.loads(self.run_tool("dump", "--json", self.path).stdout)
        (module,) = module["modules"]
        self.assertEqual((module["name"], module["producer"], module["format"],
                          module["bytes"]),
                         (SAMPLE.name, SAMPLE.producer, "0.2",
                          len(SAMPLE.build())))
        names = [message[0] for message in SAMPLE.messages]
        self.assertEqual(
            [(m["name"], int(m["hash"], 16), m["size"], m["align"], m["index"])
             for m in module["messages"]],
            [(name, sample.fnv1a(typeid), size, align, index) for
             index, (name, typeid, size, align) in enumerate(SAMPLE.messages)])
        self.assertEqual(
            [(a["name"], int(a["hash"], 16), a["size"], a["align"], a["line"],
              [(f["name"], f["offset"], f["size"]) for f in a["fields"]],
              a["resident"])
             for a in module["actors"]],
            [(name, sample.fnv1a(typeid), *rest)
             for name, typeid, *rest in SAMPLE.actors])
        self.assertEqual({a["file"] for a in module["actors"]}, {SAMPLE.source})
        self.assertEqual(
            [(h["actor"], h["message"], h["reply"], h["lanes"], h["line"],
              h["column"]) for h in module["handlers"]],
            [(SAMPLE.actors[actor][0], names[message],
              None if reply == sample.NONE else names[reply], *rest)
             for actor, message, reply, *rest in SAMPLE.handlers])
        kinds = ["", "cubin", "ptx", "host-object"]
        self.assertEqual(
            [(i["kind"], i["target"], i["entry"], i["registers"],
              i["stackBytes"], i["spillBytes"], i["sharedBytes"], i["bytes"],
              int(i["hash"], 16)) for i in module["images"]],
            [(kinds[kind], *rest, len(payload), sample.xxh64(payload, 0))
             for kind, *rest, payload in SAMPLE.images])

    def test_text_that_is_no_utf8_is_still_json(self):
        def change(module):
            build, module.source = module.build, "caf\u00e9.cpp"
            module.build = lambda: fixed(build().replace(
                "caf\u00e9".encode(), b"caf\xff\xfe"))
        path = self.other(change)
        dumped = json.loads(self.run_tool("dump", "--json", path).stdout)
        self.assertEqual(dumped["modules"][0]["actors"][0]["file"],
                         "caf\ufffd\ufffd.cpp")

    # check

    def test_check(self):
        self.expect(0, f"{self.path}: module bank is sound: 4 messages, "
                    "3 actors, 3 handlers, 4 images\n", "", "check", self.path)

    def test_check_of_a_damaged_file(self):
        data = bytearray(self.path.read_bytes())
        data[700] ^= 4
        self.path.write_bytes(data)
        self.expect(1, "", f"rk-modfile: {self.path}: offset 0x18: the content "
                    "does not have the hash that the header says "
                    "(CorruptModule: compile it again)\n", "check", self.path)

    def test_check_of_a_damaged_module_in_another_file(self):
        data = bytearray(8) + bytearray(self.path.read_bytes())
        data[1000] ^= 4
        self.path.write_bytes(data)
        self.expect(1, "", f"rk-modfile: {self.path}: module at byte 8: offset "
                    "0x18: the content does not have the hash that the header "
                    "says (CorruptModule: compile it again)\n",
                    "check", self.path)

    def test_check_of_a_newer_version(self):
        data = bytearray(self.path.read_bytes())
        data[8] = 3
        self.path.write_bytes(data)
        self.expect(1, "", f"rk-modfile: {self.path}: offset 0x8: the file has "
                    "format version 3.2; this reader knows 0.x "
                    "(UnsupportedVersion: compile it again with this version "
                    "of rkc)\n", "check", self.path)

    def test_check_of_something_else(self):
        for content in b"", b"#include <rk/actor.h>\n", bytes(100):
            self.path.write_bytes(content)
            self.expect(1, "", f"rk-modfile: {self.path}: is no module file "
                        "and contains none\n", "check", self.path)

    def test_check_of_no_file(self):
        self.expect(1, "", "rk-modfile: /no/such/file: No such file or "
                    "directory\n", "check", "/no/such/file")
        self.expect(1, "", f"rk-modfile: {self.folder}: Is a directory\n",
                    "check", self.folder)

    # extract

    def test_extract_gives_each_payload(self):
        out = self.folder / "out"
        for _, target, *_, payload in SAMPLE.images:
            self.expect(0, "", "", "extract", self.path, f"--image={target}",
                        "-o", out)
            self.assertEqual(out.read_bytes(), payload)

    def test_extract_asks_for_the_kind(self):
        def change(module):
            module.images[2] = (2, "sm_80", *module.images[2][2:])
        path, out = self.other(change), self.folder / "out"
        self.expect(1, "", "rk-modfile: there are several images for 'sm_80'; "
                    "choose one with --kind: cubin:sm_80 cubin:sm_90a "
                    "ptx:sm_80\n", "extract", path, "--image=sm_80", "-o", out)
        self.assertFalse(out.exists())
        self.expect(0, "", "", "extract", path, "--image=sm_80", "--kind=ptx",
                    "-o", out)
        self.assertEqual(out.read_bytes(), SAMPLE.images[2][-1])

    def test_extract_names_what_there_is(self):
        self.expect(1, "", "rk-modfile: there is no such image for 'sm_70'; "
                    "there are: cubin:sm_80 cubin:sm_90a ptx:sm_90 "
                    "host-object:x86_64-v3\n", "extract", self.path,
                    "--image=sm_70", "-o", self.folder / "out")

    def test_extract_of_modules_in_a_program(self):
        def change(module):
            module.name = "second"
        second = self.other(change).read_bytes()
        program, out = self.folder / "program", self.folder / "out"
        program.write_bytes(b"x" * 77 + SAMPLE.build() + second)
        self.expect(0, "", "", "extract", program, "--module=second", "-o", out)
        self.assertEqual(out.read_bytes(), second)
        self.expect(1, "", f"rk-modfile: {program}: there are several modules; "
                    "choose one with --module: bank second\n", "extract",
                    program, "-o", out)
        self.expect(1, "", f"rk-modfile: {program}: there is no module 'third'; "
                    "there are: bank second\n", "extract", program,
                    "--module=third", "-o", out)

    def test_extract_to_a_place_that_does_not_exist(self):
        self.expect(1, "", "rk-modfile: /no/such/file: No such file or "
                    "directory\n", "extract", self.path, "-o", "/no/such/file")

    # diff

    def test_diff_of_equal_modules(self):
        self.expect(0, "", "", "diff", self.path, self.path)

    def test_diff_shows_the_records_that_differ(self):
        def change(module):
            module.actors[1] = ("Auditor", "7Auditor", 8, 4, 31,
                                [("overdrawn_", 4, 4)], 0)
            module.handlers.pop()
        result = self.run_tool("diff", self.path, self.other(change))
        self.assertEqual(result.returncode, 1)
        lines = [line for line in result.stdout.splitlines()
                 if "size" not in line and "  hash  " not in line
                 and "between residents" not in line]
        self.assertEqual(lines[2:], [
            "- #1    Auditor      4 bytes  align 4   0x1bf5b98eb373c5b8  "
            "bank/actors.cpp:31  resident",
            "-       +0        4 bytes  Auditor::overdrawn_",
            "+ #1    Auditor      8 bytes  align 4   0x1bf5b98eb373c5b8  "
            "bank/actors.cpp:31",
            "+       +4        4 bytes  Auditor::overdrawn_",
            "- handlers: 3",
            "+ handlers: 2",
            "- Auditor on Balance                32 lanes  "
            "bank/actors.cpp:33:3",
        ])

    # usage

    def test_wrong_usage(self):
        for arguments in ([], ["dump"], ["burn", "x"], ["dump", "x", "--xml"],
                          ["extract", self.path], ["diff", self.path],
                          ["extract", self.path, "-o", "x", "--kind=elf"]):
            result = self.run_tool(*arguments)
            self.assertEqual((result.stdout, result.returncode), ("", 2),
                             arguments)
            self.assertTrue(result.stderr)

    def test_version_and_help(self):
        result = self.run_tool("--version")
        self.assertRegex(result.stdout, r"\Ark-modfile \d+\.\d+\.\d+\n\Z")
        result = self.run_tool("--help")
        self.assertEqual(result.returncode, 0)
        for command in "dump", "check", "extract", "diff":
            self.assertIn(f"\n  {command} ", result.stdout)


def fixed(data):
    """Makes the hash of changed bytes right again."""
    value = sample.xxh64(data[32:], sample.xxh64(data[:24], 0))
    return data[:24] + value.to_bytes(8, "little") + data[32:]


if __name__ == "__main__":
    PROGRAM = sys.argv.pop(1)
    SAMPLE_FOLDER = pathlib.Path(sys.argv.pop(1))
    SAMPLE = load(SAMPLE_FOLDER / "make-sample.py")
    unittest.main()
