#!/usr/bin/env python3
"""clang-format decides layout. Uses the pinned one of `scripts/setup --where venv`; skips without."""
import pathlib
import subprocess
import sys

ROOT = pathlib.Path(sys.argv[1])
where = subprocess.run([str(ROOT / "scripts/setup"), "--where", "venv"], capture_output=True, text=True)
tool = pathlib.Path(where.stdout.strip()) / "bin/clang-format"
if where.returncode != 0 or not tool.exists():
    print("the pinned clang-format is not installed (scripts/setup test)")
    sys.exit(77)
sources = [str(p) for d in ("harness", "reports", "tests") for p in sorted((ROOT / d).rglob("*.[ch]"))]
done = subprocess.run([str(tool), "--dry-run", "-Werror", f"--style=file:{ROOT / '.clang-format'}"] + sources,
                      capture_output=True, text=True)
print(done.stderr[:4000] or f"{len(sources)} files are as clang-format lays them out")
sys.exit(done.returncode)
