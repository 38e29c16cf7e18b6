"""Prints the ```mlir examples of a folder of .td files, apart by `// -----`."""

import pathlib
import re
import sys

examples = [
    block
    for path in sorted(pathlib.Path(sys.argv[1]).glob("*.td"))
    for block in re.findall(r"```mlir\n(.*?)```", path.read_text(), re.S)
]
ops = sum(
    len(re.findall(r"^def Rk_\w+Op : ", path.read_text(), re.M))
    for path in pathlib.Path(sys.argv[1]).glob("*.td")
)
if len(examples) < ops:
    sys.exit(f"{ops} ops have only {len(examples)} examples: every op needs one")
print("// -----\n".join(examples))
