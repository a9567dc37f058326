#!/usr/bin/env python3
"""Every header of ours compiles alone."""
import pathlib
import shlex
import subprocess
import sys

ROOT, cc = pathlib.Path(sys.argv[1]), shlex.split(sys.argv[2])
bad = n = 0
for path in [p for d in ("harness", "reports") for p in sorted((ROOT / d).rglob("*.h"))]:
    if "probes" in path.parts and "common" not in path.parts:
        continue  # those include a client library that may not be here
    n += 1
    done = subprocess.run(cc + ["-std=gnu17", "-D_GNU_SOURCE", "-fsyntax-only", "-Wall", f"-I{ROOT}/harness", f"-I{ROOT}",
                                "-x", "c", "-"], input=f'#include "{path}"\n', capture_output=True, text=True)
    if done.returncode:
        bad += 1
        print(f"{path.relative_to(ROOT)}: {done.stderr[:500]}")
print(f"{n} headers, {bad} do not compile alone")
sys.exit(1 if bad or n < 15 else 0)
