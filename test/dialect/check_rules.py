"""Checks that every rule of the dialect has a test that breaks it.

A rule is a label such as `send_c1` in a description; a test is a symbol of that
name in a test folder. usage: check_rules.py <root of the source tree>
"""

import pathlib
import re
import sys

root = pathlib.Path(sys.argv[1])
rules = set()
for path in (root / "dialect/include/rkc/dialect").glob("*.td"):
    rules |= set(re.findall(r"- `([a-z.]+_c\d+)`", path.read_text()))
tested = set()
for folder in ("test/dialect", "test/lib/transforms"):
    for path in (root / folder).glob("*-invalid.mlir"):
        tested |= set(re.findall(r'@"?([a-z.]+_c\d+)', path.read_text()))
wrong = [f"no test breaks rule {rule}" for rule in sorted(rules - tested)]
wrong += [f"no rule is called {rule}" for rule in sorted(tested - rules)]
if not rules:
    wrong = ["no rule found: the descriptions have another form now"]
for line in wrong:
    print(line)
sys.exit(1 if wrong else 0)
