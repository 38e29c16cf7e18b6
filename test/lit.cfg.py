# How lit runs the tests of this project, in every suite.
import os
import shutil
import sys

import lit.formats

config.name = "ringkernel-" + config.rk_suite
config.test_format = lit.formats.ShTest(execute_external=False)
config.suffixes = [".mlir", ".cpp", ".test"]
config.excludes = ["Inputs", "CMakeLists.txt"]

bin_dir = os.path.join(config.rk_build_dir, "bin")
path = [bin_dir, config.rk_llvm_tools_dir]
if os.path.isfile(config.rk_ptxas):
    path.append(os.path.dirname(config.rk_ptxas))
    config.available_features.add("ptxas")
config.environment["PATH"] = os.pathsep.join(path + [os.environ["PATH"]])
# Tests that compile the same twice share what came out, in this build only.
config.environment["RK_CACHE_DIR"] = os.path.join(config.rk_build_dir,
                                                  "rkc-cache")
for name in ("CUDA_VISIBLE_DEVICES", "ASAN_OPTIONS", "TSAN_OPTIONS"):
    if name in os.environ:
        config.environment[name] = os.environ[name]

# `REQUIRES: rkc` and the like skip tests of programs that are not built.
for program in ("rkc", "rk-modfile", "rk-opt"):
    if os.path.exists(os.path.join(bin_dir, program)):
        config.available_features.add(program)
if os.path.exists("/dev/nvidia0"):
    config.available_features.add("cuda")

config.substitutions.append(("%python", sys.executable))
config.substitutions.append(("%source_dir", config.rk_source_dir))
config.substitutions.append(("%build_dir", config.rk_build_dir))
# %to_ptx <target>: from the llvm dialect to PTX of that target.
config.substitutions.append((
    r"%to_ptx (\w+)",
    r"mlir-translate --mlir-to-llvmir | "
    r"llc -O2 -march=nvptx64 -mcpu=\1 -mattr=+ptx90"))

# Every test is also a round-trip test if the environment asks for it.
if os.environ.get("RK_CHECK_ROUNDTRIP") == "1":
    rk_opt = shutil.which("rk-opt", path=bin_dir) or "rk-opt"
    config.substitutions.append(
        (r"\brk-opt\b(?!-)", rk_opt + " --verify-roundtrip"))
