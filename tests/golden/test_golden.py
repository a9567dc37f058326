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


def render(run, words):
    done = subprocess.run([str(HEADGATE), "report", str(run), *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          timeout=60, check=False)
    if done.returncode != 0 or done.stderr:
        print(f"{run.name} {words}: exit status {done.returncode}: {done.stderr.decode('utf-8', 'replace')}")
        return None
    return done.stdout


def first_difference(got, wanted):
    for number, (a, b) in enumerate(zip(got.split(b"\n") + [b""], wanted.split(b"\n") + [b""]), 1):
        if a != b:
            return f"line {number}\n    is     {a!r}\n    wanted {b!r}"
    return "the length"


def main():
    wrong = compared = 0
    for run in sorted(HERE.glob("*.run.json")):
        for suffix, words in RENDERINGS:
            golden = run.with_name(f"{run.name.partition('.')[0]}.{suffix}")
            got = render(run, words)
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
