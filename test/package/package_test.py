#!/usr/bin/env python3
"""Installs the project, builds a program outside the tree from the installed
package, runs it on the CPU back end, and checks what is built again when
something changes: that and no more.

usage: package_test.py --build-dir DIR --cxx COMPILER --work-dir DIR
"""

import argparse
import os
import pathlib
import re
import shutil
import subprocess
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent
INSTALLED = [
    "bin/rkc", "bin/rk-opt", "bin/rk-modfile",
    "lib/librk_runtime.a", "lib/librk_modfile.a",
    "lib/ringkernel/rk_device_nvptx.bc", "lib/ringkernel/rk_device_host.bc",
    "include/rk/actor.h", "include/rk/system.h", "include/rk/abi/Status.h",
    "lib/cmake/RingKernel/RingKernelConfig.cmake",
    "lib/cmake/RingKernel/RingKernelConfigVersion.cmake",
    "lib/cmake/RingKernel/RkAddActors.cmake",
]

# What a build does, as it says itself.
ACTORS = "actors"
MAIN, UNRELATED, LINK = "main.cpp", "unrelated.cpp", "link"
COUNTER, DOUBLER = "counter.cpp", "doubler.cpp"
STEPS = [
    (re.compile(r"Compiling the actors of consumer"), lambda m: ACTORS),
    (re.compile(r"Building CXX object \S*/(\w+\.cpp)\.o"), lambda m: m[1]),
    (re.compile(r"Linking CXX executable"), lambda m: LINK),
]


def run(*command, **options):
    """Runs a command and returns what it printed; stops the test if it fails."""
    result = subprocess.run([str(word) for word in command], text=True,
                            stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                            **options)
    if result.returncode != 0:
        sys.exit(f"{' '.join(map(str, command))}\nended with "
                 f"{result.returncode}:\n{result.stdout}")
    return result.stdout


class Consumer:
    """The project outside the tree."""

    def __init__(self, work_dir, prefix, compiler):
        self.source = work_dir / "consumer"
        self.build_dir = work_dir / "build"
        shutil.copytree(HERE / "consumer", self.source)
        # Not the project's ccache: what is built here is to be seen.
        self.configure(f"-DCMAKE_PREFIX_PATH={prefix}",
                       f"-DCMAKE_CXX_COMPILER={compiler}",
                       "-DCMAKE_BUILD_TYPE=Release", "-G", "Ninja",
                       "-DCMAKE_CXX_FLAGS=-Wall -Wextra -Werror")

    def configure(self, *arguments):
        run("cmake", "-S", self.source, "-B", self.build_dir, *arguments)

    def build(self):
        """Builds, and returns the set of things done."""
        output = run("cmake", "--build", self.build_dir)
        return {name(match) for step, name in STEPS
                for match in step.finditer(output)}

    def expect(self, why, done, wanted):
        if done != wanted:
            sys.exit(f"{why}: built {sorted(done)}, should have built "
                     f"{sorted(wanted)}")
        print(f"ok: {why}: {', '.join(sorted(wanted)) or 'nothing'} built")

    def result(self):
        environment = dict(os.environ, RK_BACKEND="cpu")
        return run(self.build_dir / "consumer", env=environment,
                   timeout=60).strip()

    def expect_result(self, wanted):
        found = self.result()
        if found != wanted:
            sys.exit(f"the program printed {found!r}, should have printed "
                     f"{wanted!r}")
        print(f"ok: the program printed {found!r}")


def check_install(build_dir, prefix):
    run("cmake", "--install", build_dir, "--prefix", prefix)
    missing = [path for path in INSTALLED if not (prefix / path).exists()]
    if missing:
        sys.exit(f"not installed: {missing}")
    internal = [path for path in (prefix / "include").rglob("*Internal.h")]
    if internal:
        sys.exit(f"internal headers are installed: {internal}")
    for path in (prefix / "lib/cmake").rglob("*.cmake"):
        if str(build_dir) in path.read_text():
            sys.exit(f"{path} names the build folder {build_dir}")


def check_linked_libraries(program):
    """A program with actors needs neither LLVM nor a CUDA driver to start."""
    linked = run("ldd", program)
    heavy = re.findall(r"\S*(?:LLVM|MLIR|clang|libcuda)\S*", linked)
    if heavy:
        sys.exit(f"{program} is linked with {heavy}")
    print("ok: the program links neither LLVM nor CUDA")


def check_rebuilds(consumer, prefix):
    everything = {ACTORS, MAIN, UNRELATED, COUNTER, DOUBLER, LINK}
    consumer.expect("first build", consumer.build(), everything)
    consumer.expect_result(f"sum {2 * (100 * 3 + 1000)} step 3 bonus 1000")
    check_linked_libraries(consumer.build_dir / "consumer")
    consumer.expect("second build", consumer.build(), set())

    # Without the GPU's part, which takes longest: the rest is about the build.
    consumer.configure("-DCONSUMER_ARCHS=host")
    consumer.expect("other targets", consumer.build(), {ACTORS, LINK})

    source = consumer.source
    cases = [
        (source / "actors.h", {ACTORS, MAIN, COUNTER, DOUBLER, LINK}),
        (source / "include/settings.h", {ACTORS, MAIN, COUNTER, LINK}),
        (source / "doubler.cpp", {ACTORS, DOUBLER, LINK}),
        (source / "unrelated.h", {MAIN, UNRELATED, LINK}),
        (source / "main.cpp", {MAIN, LINK}),
        (prefix / "lib/ringkernel/rk_device_host.bc", {ACTORS, LINK}),
        (prefix / "bin/rkc", {ACTORS, LINK}),
    ]
    for path, wanted in cases:
        wait_for_clock()
        path.touch()
        consumer.expect(f"{path.name} changed", consumer.build(), wanted)
        consumer.expect("build after it", consumer.build(), set())

    settings = source / "include/settings.h"
    wait_for_clock()
    settings.write_text(settings.read_text().replace("1000", "5000"))
    consumer.build()
    consumer.expect_result(f"sum {2 * (100 * 3 + 5000)} step 3 bonus 5000")

    consumer.configure("-DCONSUMER_STEP=7")
    consumer.expect("definition changed", consumer.build(), everything)
    consumer.expect_result(f"sum {2 * (100 * 7 + 5000)} step 7 bonus 5000")


def fenced(text, language):
    """The first block of code of that language in a Markdown text."""
    return re.search(rf"^```{language}\n(.*?)^```", text, re.M | re.S)[1]


def check_readme(work_dir, prefix, compiler):
    """The README's program is built with the README's lines, and runs."""
    readme = (HERE / "../../README.md").read_text()
    source = work_dir / "readme"
    source.mkdir()
    (source / "account.cpp").write_text(fenced(readme, "cpp"))
    (source / "CMakeLists.txt").write_text(
        "cmake_minimum_required(VERSION 3.25)\nproject(Readme CXX)\n"
        + fenced(readme, "cmake"))
    run("cmake", "-S", source, "-B", source / "build", "-G", "Ninja",
        f"-DCMAKE_PREFIX_PATH={prefix}", f"-DCMAKE_CXX_COMPILER={compiler}",
        "-DCMAKE_CXX_FLAGS=-Wall -Wextra -Werror")
    run("cmake", "--build", source / "build")
    run(source / "build/account", env=dict(os.environ, RK_BACKEND="cpu"),
        timeout=60)
    print("ok: the README's program")


def wait_for_clock():
    """Waits until a file touched now is newer than all that was built."""
    time.sleep(0.05)


def main():
    parser = argparse.ArgumentParser()
    for option in ("--build-dir", "--cxx", "--work-dir"):
        parser.add_argument(option, type=pathlib.Path, required=True)
    options = parser.parse_args()
    shutil.rmtree(options.work_dir, ignore_errors=True)
    options.work_dir.mkdir(parents=True)
    prefix = options.work_dir / "prefix"
    check_install(options.build_dir.resolve(), prefix)
    consumer = Consumer(options.work_dir, prefix, options.cxx)
    check_rebuilds(consumer, prefix)
    check_readme(options.work_dir, prefix, options.cxx)


if __name__ == "__main__":
    main()
