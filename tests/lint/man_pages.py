#!/usr/bin/env python3
"""Every command has a man page, mandoc and groff find nothing wrong with any, and none depends on when it was made.

Usage: man_pages.py HEADGATE ROOT FOLDER (of the built pages).
"""
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys

HEADGATE, ROOT, FOLDER = sys.argv[1], pathlib.Path(sys.argv[2]).resolve(), pathlib.Path(sys.argv[3]).resolve()
tables = json.loads(subprocess.run([HEADGATE, "help", "--tables"], capture_output=True, text=True, check=True).stdout)
problems = []


def check_words(page, command):
    """Each option of the command, and what it says, is in its page."""
    text = re.sub(r"\\f[BRI]|\\(?=[- ])", "", page.read_text("utf-8"))
    for option in command["options"]:
        if f"\n--{option['name']}" not in text and f", --{option['name']}" not in text:
            problems.append(f"{page.name} does not name --{option['name']}")


def lint(argv, page, env=None):
    done = subprocess.run([*argv, str(page)], capture_output=True, text=True, env={**os.environ, **(env or {})}, check=False)
    said = (done.stderr if argv[0] == "man" else done.stdout + done.stderr).strip()
    if done.returncode or said:
        problems.append(f"{page.name}: {argv[0]} says: {said[:400]}")


pages = sorted(FOLDER.glob("*.[15]"))
for command in tables["commands"]:
    page = FOLDER / f"headgate-{command['name']}.1"
    if command["name"] != "help" and page not in pages:
        problems.append(f"headgate {command['name']} has no man page")
    elif command["name"] != "help":
        check_words(page, command)
known = {c["name"] for c in tables["commands"]} | {"headgate"}
for text in (ROOT / "docs/man").glob("*.md"):
    if text.stem not in known and text.stem != "options":
        problems.append(f"docs/man/{text.name} belongs to no command")
names = {o["name"] for c in tables["commands"] for o in c["options"]}
for name in re.findall(r"(?m)^## --(\S+)$", (ROOT / "docs/man/options.md").read_text("utf-8")):
    if name not in names:
        problems.append(f"docs/man/options.md: there is no option --{name}")
for page in pages:
    if shutil.which("mandoc"):
        lint(["mandoc", "-Tlint", "-W", "warning"], page)
    if shutil.which("man"):
        lint(["man", "--warnings", "-E", "UTF-8", "-l", "-Tutf8", "-Z"], page,
             {"LC_ALL": "C.UTF-8", "MANROFFSEQ": "", "MANWIDTH": "80"})
    if re.search(r"/(work|home|tmp|root)/", page.read_text("utf-8")):
        problems.append(f"{page.name} holds a path of the machine it was made on")
# Made again, elsewhere and with another clock's settings, the bytes are the same.
for page in [p for p in pages if p.suffix == ".1"]:
    date = re.search(r'^\.TH "[^"]+" "1" "(\d{4}-\d\d-\d\d)"', page.read_text("utf-8"))
    again = subprocess.run([sys.executable, str(ROOT / "docs/man/make.py"), str(FOLDER / "tables.json"), str(ROOT / "docs/man"),
                            date[1] if date else "", page.stem, "1"], capture_output=True, check=False, cwd="/",
                           env={"TZ": "Asia/Tokyo", "SOURCE_DATE_EPOCH": "1", "LC_ALL": "C"})
    if again.stdout != page.read_bytes():
        problems.append(f"{page.name} comes out differently when it is made again: {again.stderr[-300:]}")
print(*problems, f"{len(pages)} pages, {len(problems)} problems", sep="\n")
if not problems and not (shutil.which("mandoc") and shutil.which("man")):
    print("no mandoc or no man here (scripts/setup test): the pages' form was not judged")
    sys.exit(77)
sys.exit(1 if problems or len(pages) < 12 else 0)
