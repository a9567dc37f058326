#!/usr/bin/env python3
"""Fail when a file includes a header of a layer that its own may not use (docs/ARCHITECTURE.md)."""
import pathlib
import re
import sys

ROOT = pathlib.Path(sys.argv[1])
MAY_USE = {
    "harness/base": set(),
    "harness/model": {"base"},
    "harness/rules": {"base", "model"},
    "harness/load": {"base", "model", "rules"},
    "harness/probes": {"base", "model"},
    "harness/run": {"base", "model", "rules", "load"},
    "reports": {"base", "model"},
    "harness/cli": {"base", "model", "rules", "load", "run", "reports"},
}
# What rules and reports may use of base: nothing that reads a clock, a file or starts a program.
PURE_BASE = {"attr.h", "error.h", "buf.h", "text.h"}

bad = seen = 0
for layer, allowed in MAY_USE.items():
    own = layer.rsplit("/", 1)[-1]
    for path in sorted((ROOT / layer).rglob("*.[ch]")):
        for n, line in enumerate(path.read_text().splitlines(), 1):
            m = re.match(r'#\s*include "([^"]+)"', line)
            if not m:
                continue
            seen += 1
            where, _, name = m.group(1).rpartition("/")
            top = where.split("/")[0]
            problem = None
            if not where:
                problem = "does not spell its layer"
            elif top != own and top not in allowed:
                problem = f"{layer} may not use {top}"
            elif layer in ("harness/model", "harness/rules", "reports") and top == "base" and name not in PURE_BASE:
                problem = f"{layer} is pure and may not use base/{name}"
            elif layer == "harness/probes":
                mine, theirs = path.relative_to(ROOT / layer).parts[0], where.split("/")[1:2]
                if top == "probes" and theirs and theirs[0] not in (mine, "common"):
                    problem = f"the probe {mine} may not use the probe {theirs[0]}"
            if problem:
                print(f"{path.relative_to(ROOT)}:{n}: {m.group(1)}: {problem}")
                bad += 1
print(f"{seen} includes read, {bad} wrong")
sys.exit(1 if bad or seen < 100 else 0)
