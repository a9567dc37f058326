#!/usr/bin/env python3
"""Files under 600 lines; 95 of 100 functions under 60 lines (needs universal-ctags; skips without)."""
import pathlib
import shutil
import subprocess
import sys

ROOT = pathlib.Path(sys.argv[1])
sources = [p for d in ("harness", "reports", "tests") for p in sorted((ROOT / d).rglob("*.[ch]"))]
long_files = [(p, n) for p in sources if (n := len(p.read_text().splitlines())) > 600]
for p, n in long_files:
    print(f"{p.relative_to(ROOT)}: {n} lines; 600 are allowed")
if shutil.which("ctags") is None:
    print("no ctags: functions were not measured")
    sys.exit(1 if long_files else 77)
out = subprocess.run(["ctags", "-x", "--c-kinds=f", "--fields=+ne", "--_xformat=%F:%n %{end} %N"] +
                     [str(p) for p in sources if p.suffix == ".c"],
                     capture_output=True, text=True, check=True).stdout
lengths = []
for line in out.splitlines():
    where, end, name = line.split(" ", 2)
    path, start = where.rsplit(":", 1)
    if end.isdigit():
        lengths.append((int(end) - int(start) + 1, f"{path}:{start} {name}"))
lengths.sort(reverse=True)
over = [x for x in lengths if x[0] > 60]
print(f"{len(lengths)} functions, {len(over)} over 60 lines; the longest:")
for n, where in lengths[:5]:
    print(f"  {n:4} {where}")
bad = len(over) * 20 > len(lengths) or not lengths or lengths[0][0] > 100
sys.exit(1 if bad or long_files else 0)
