#!/usr/bin/env python3
"""Hand-made runs (NAME.run.json) in every format, byte for byte as NAME.* beside them. `--update` rewrites those."""
import pathlib
import subprocess
import sys

HEADGATE, ROOT = pathlib.Path(sys.argv[1]).resolve(), pathlib.Path(sys.argv[2]).resolve()
HERE = ROOT / "tests/golden"
UPDATE = "--update" in sys.argv[3:]
# (what the file is called, words of the command)
RENDERINGS = (
    ("terminal.txt", ["--to", "terminal", "--width", "80"]),
    ("terminal-narrow.txt", ["--to", "terminal", "--width", "50"]),
    ("terminal-verbose-colour.txt", ["--to", "terminal", "--width", "80", "--verbose", "--color", "always"]),
    ("junit.xml", ["--to", "junit"]),
    ("junit-strict.xml", ["--to", "junit:strict"]),
    ("tap", ["--to", "tap"]),
    ("tap14", ["--to", "tap14"]),
    ("json", ["--to", "json"]),
    ("md", ["--to", "markdown"]),
    ("github.txt", ["--to", "github"]),
    ("verbose.md", ["--to", "markdown", "--verbose"]),
    ("todo.txt", ["--to", "todo"]),
    ("todo-mysql.sql", ["--to", "todo:mysql"]),
    ("todo-postgres.sql", ["--to", "todo:postgres"]),
    ("todo-mongodb.js", ["--to", "todo:mongodb"]),
    ("todo-shell.sh", ["--to", "todo:shell"]),
)
# Two of the runs side by side: (old, new, exit status), and what the file is called.
DIFFS = (("open", "closed", 1), ("closed", "open", 3), ("since", "since", 0), ("empty", "odd", 1), ("odd", "empty", 3),
         ("open", "markdown", 1), ("markdown", "hostile", 1))
DIFF_RENDERINGS = (("diff.txt", ["--to", "terminal", "--width", "80"]), ("diff.md", ["--to", "markdown"]), ("diff.json", ["--to", "json"]))


def render(words, status=0):
    done = subprocess.run([str(HEADGATE), *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          timeout=60, check=False)
    if done.returncode != status or done.stderr:
        print(f"{words}: exit status {done.returncode}: {done.stderr.decode('utf-8', 'replace')}")
        return None
    return done.stdout


def first_difference(got, wanted):
    for number, (a, b) in enumerate(zip(got.split(b"\n") + [b""], wanted.split(b"\n") + [b""]), 1):
        if a != b:
            return f"line {number}\n    is     {a!r}\n    wanted {b!r}"
    return "the length"


def pairs():
    """(file, words of the command, its exit status)"""
    for run in sorted(HERE.glob("*.run.json")):
        for suffix, words in RENDERINGS:
            yield run.with_name(f"{run.name.partition('.')[0]}.{suffix}"), ["report", str(run), *words], 0
    for old, new, status in DIFFS:
        for suffix, words in DIFF_RENDERINGS:
            yield HERE / f"{old}-{new}.{suffix}", ["diff", str(HERE / f"{old}.run.json"), str(HERE / f"{new}.run.json"), *words], status


def main():
    wrong = compared = 0
    for golden, words, status in pairs():
        got = render(words, status)
        if UPDATE and got is not None:
            golden.write_bytes(got)
        wanted = golden.read_bytes() if golden.exists() else None
        compared += 1
        if got is None or got != wanted:
            wrong += 1
            why = "there is no such file" if wanted is None else first_difference(got or b"", wanted)
            print(f"{golden.name}: {why}")
    print(f"{compared} renderings, {wrong} differ")
    return 1 if wrong or compared < 24 else 0


sys.exit(main())
