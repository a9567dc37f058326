#!/usr/bin/python3
"""docs/seed.yaml holds together, docs/SEED.md is made of it, and (with `lines`) each line of the seed has its row.

Usage: test_seed_rows.py SOURCE rows | lines. The seed document is looked for in HEADGATE_SHARED, or ../shared beside
the source; without it `lines` skips. Statuses are compared with real servers by the integration test.
"""
import copy
import json
import os
import pathlib
import re
import sys

sys.dont_write_bytecode = True
ROOT = pathlib.Path(sys.argv[1]).resolve()
sys.path.insert(0, str(ROOT / "fixtures/lib"))
try:
    from hgfix import payloads, seeddoc
    from hgfix.paths import ENGINES, FIXTURES
except ImportError as error:
    print(f"the fixtures' Python modules are not installed ({error}): scripts/setup servers")
    sys.exit(77)


def text_of(doc):
    """The seed's text as the rows have it, with the blank lines between them."""
    lines = []
    for row in seeddoc.rows(doc):
        first, _ = seeddoc.span(row)
        lines += [""] * (first - 1 - len(lines)) + row["text"].splitlines()
    return "\n".join(lines)


def rows(doc):
    text = seeddoc.DOCUMENT.read_text("utf-8")
    wrong = seeddoc.problems(doc)
    if not wrong and seeddoc.render(doc, seeddoc.recorded(text)) != text:
        wrong = ["docs/SEED.md was not made of docs/seed.yaml: scripts/seed-doc --recorded"]
    return wrong + faults(doc) + fixtures(text_of(doc))


def faults(doc):
    """What is planted in the rows is found."""
    def broken(change):
        other = copy.deepcopy(doc)
        change(other["sections"][3]["rows"])
        return other
    row, seed = doc["sections"][3]["rows"][1], text_of(doc)
    name, line = f"lines {row['lines']}", seeddoc.span(row)[0]
    planted = (
        ("a check that is not there", lambda r: r[1].update(checks=["mysql.no.such"]), f"{name}: there is no check mysql.no.such"),
        ("a glob that fits nothing", lambda r: r[1].update(checks=["oracle.*"]), f"{name}: there is no check oracle.*"),
        ("nothing said", lambda r: r[1].pop("checks"), f"{name}: neither checks nor later nor prose"),
        ("an unknown key", lambda r: r[1].update(status="pass"), f"{name}: unknown key status"),
        ("no proof", lambda r: r[1].update(right=[{"says": "x", "proof": ["y"]}]), f"{name}: no test proves y"),
        ("no source", lambda r: r[1].update(right=[{"says": "x"}]), f"{name}: neither proof nor source: x"),
        ("a row left out", lambda r: r.pop(1), f"line {line} has no row: {row['text']}"),
        ("a row twice", lambda r: r.insert(1, r[1]), f"lines {line} come after line {line}"),
        ("another word", lambda r: r[1].update(text="x"), f"{name} of the seed have other words than the row"),
    )
    found = [f"not found: {what}: {said}" for what, change, said in planted
             if said not in seeddoc.problems(broken(change)) + seeddoc.uncovered(broken(change), seed)]
    if seeddoc.uncovered(doc, seed + "\nOne more line.") != [f"line {len(seed.splitlines()) + 1} has no row: One more line."]:
        found.append("not found: a line after the last row")
    return found


def bare(text):
    """Lines without comments and blanks: what a server takes."""
    lines = (line.strip() for line in text.splitlines())
    return {line for line in lines if line and not line.startswith(("#", "--", "//"))}


def fixtures(seed):
    """The servers "as written" are set up with the seed's own lines, and their secrets have its shape."""
    blocks = re.findall(r"^```(sql|ini|javascript|json)\n(.*?)^```", seed, re.M | re.S)
    wanted = set().union(*(bare(text) for kind, text in blocks if kind != "json"))
    files = [f for e in ENGINES for f in (FIXTURES / e / "seed-literal").iterdir() if f.suffix not in (".json", ".yaml")]
    there = set().union(*(bare(f.read_text("utf-8")) for f in files))
    wrong = [f"a line of the seed that fixtures/*/seed-literal lack: {line}" for line in sorted(wanted - there)]
    wrong += [f"fixtures/*/seed-literal have what the seed does not: {line}" for line in sorted(there - wanted)]
    secrets = [json.loads(text) for kind, text in blocks if kind == "json"]
    for engine, secret in zip(ENGINES, secrets, strict=True):
        ours = payloads.payload(engine, secret.get("port", 27017), payloads.USER, payloads.PLACEHOLDER, secret["database"])
        same = json.loads(re.sub(r"10\.0\.1\.\d", "127.0.0.1", json.dumps(secret)))
        if list(ours.items()) != list(same.items()):
            wrong.append(f"the fixtures' secret of {engine} is not the seed's: {ours}")
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
