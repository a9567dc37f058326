#!/usr/bin/python3
"""docs/seed.yaml holds together, docs/SEED.md is made of it, and (with `every line`) each line of the seed has its row.

Usage: test_seed_rows.py SOURCE rows | lines. The seed document is looked for in HEADGATE_SHARED, or ../shared beside
the source; without it `lines` skips. Statuses are compared with real servers by the integration test.
"""
import os
import pathlib
import sys

sys.dont_write_bytecode = True
ROOT = pathlib.Path(sys.argv[1]).resolve()
sys.path.insert(0, str(ROOT / "fixtures/lib"))
try:
    from hgfix import seeddoc
except ImportError as error:
    print(f"the fixtures' Python modules are not installed ({error}): scripts/setup servers")
    sys.exit(77)


def rows(doc):
    text = seeddoc.DOCUMENT.read_text("utf-8")
    wrong = seeddoc.problems(doc)
    if not wrong and seeddoc.render(doc, seeddoc.recorded(text)) != text:
        wrong = ["docs/SEED.md was not made of docs/seed.yaml: scripts/seed-doc --recorded"]
    return wrong


def lines(doc):
    shared = pathlib.Path(os.environ.get("HEADGATE_SHARED") or ROOT.parent / "shared")
    seed = shared / "seed/datastream-configuration.md"
    if not seed.is_file():
        print("the seed document is not here ($HEADGATE_SHARED)")
        sys.exit(77)
    return seeddoc.uncovered(doc, seed.read_text("utf-8"))


bad = {"rows": rows, "lines": lines}[sys.argv[2]](seeddoc.load())
print("\n".join(bad) or "nothing is wrong")
sys.exit(1 if bad else 0)
