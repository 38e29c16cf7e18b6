"""The compiler's tests: C++ in, rk operations or messages out."""

import os

import lit.formats

config.name = "compiler"
config.test_format = lit.formats.ShTest(execute_external=False)
config.suffixes = [".cpp"]
config.excludes = ["Inputs"]
config.test_source_root = os.path.dirname(__file__)
config.test_exec_root = os.path.join(config.binary_dir, "test", "compiler")

config.environment["PATH"] = os.pathsep.join(
    [config.bin_dir, config.llvm_tools_dir, config.environment["PATH"]]
)
includes = f"-I{config.include_dir}"
frontend = f"rk-frontend-check -dsl={config.include_dir}"
config.substitutions += [
    ("%frontend", frontend),
    # Refusals: the whole message, at the expected line.
    ("%refuse", f"not {frontend} --check"),
    ("%build", f"{config.gxx} -std=c++20 -Wno-attributes=rk:: {includes}"),
    (
        "%gxx",
        f"{config.gxx} -std=c++20 -Wall -Wextra -Werror -Wno-attributes=rk:: "
        f"-fsyntax-only {includes}",
    ),
    (
        "%clangxx",
        f"{config.clang} -std=c++20 -Wall -Wextra -Werror "
        f"-Wno-unknown-attributes -fsyntax-only {includes}",
    ),
]
