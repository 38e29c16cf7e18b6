"""Tests of the programs: flags, messages, exit codes, files."""

import os

import lit.formats

config.name = "tools"
config.test_format = lit.formats.ShTest(execute_external=False)
config.suffixes = [".test"]
config.excludes = ["Inputs"]
config.test_source_root = os.path.dirname(__file__)
config.test_exec_root = os.path.join(config.binary_dir, "test", "tools")

config.environment["PATH"] = os.pathsep.join(
    [config.bin_dir, config.llvm_tools_dir, config.environment["PATH"]]
)
# Tests that compile the same twice share what came out, in this build only.
config.environment["RK_CACHE_DIR"] = os.path.join(config.binary_dir,
                                                  "rkc-cache")
for name in ("RK_PTXAS", "RK_LD", "CUDA_HOME", "CXX"):
    config.environment.pop(name, None)
config.substitutions += [
    ("%inputs", os.path.join(config.test_source_root, "rkc", "Inputs")),
    # `%status N command`: the exit status must be N.
    ("%status", os.path.join(config.test_source_root, "status")),
    ("%gxx", config.gxx),
    ("%clangxx", config.clang),
    ("%version", config.version),
    ("%lib_dir", config.lib_dir),
]
for feature, path in (
    ("gxx", config.gxx),
    ("runtime", os.path.join(config.lib_dir, "librk_runtime.a")),
):
    if os.path.exists(path):
        config.available_features.add(feature)
