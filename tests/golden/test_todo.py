#!/usr/bin/env python3
"""Tonight's list is safe to paste: whatever the texts of a run are, a line is a comment of its block's language, or belongs
to a statement of the run that may be run as it stands."""
import json
import pathlib
import subprocess
import sys
import tempfile

HEADGATE, ROOT = pathlib.Path(sys.argv[1]).resolve(), pathlib.Path(sys.argv[2]).resolve()
HERE = ROOT / "tests/golden"
SIGNS = {"todo": ("# ", "-- ", "// "), "todo:mysql": ("-- ",), "todo:postgres": ("-- ",), "todo:mongodb": ("// ",),
         "todo:shell": ("# ",)}
LANGUAGES = {"todo:mysql": "sql", "todo:postgres": "sql", "todo:mongodb": "js", "todo:shell": "shell"}


def steps(finding):
    fix = finding.get("fix") or {}
    old = {"language": fix.get("language"), "text": fix.get("statement"), "incomplete": fix.get("incomplete")}
    return fix.get("steps") or ([old] if old["text"] else [])


def may_stand(run, form):
    """Lines of statements that close something, can be undone and have nothing to fill in."""
    found = set()
    for finding in run["findings"]:
        for step in steps(finding):
            if (step["language"] != "file" and not step.get("incomplete") and finding.get("verdict") in ("fail", "unknown")
                    and (finding.get("fix") or {}).get("effect") != "recreate"
                    and step["language"] == LANGUAGES.get(form, step["language"])):
                found.update(step["text"].split("\n"))
    return found


def strangers(text, run, form):
    lines = may_stand(run, form)
    for line in text.split("\n"):
        sign = any(line.startswith(s) or line == s.rstrip() for s in SIGNS[form])
        psql = form == "todo:postgres" and (line == "\\set ON_ERROR_STOP on" or line.startswith("\\connect -reuse-previous=on \"dbname='"))
        if line and not sign and not psql and line not in lines:
            yield line


def with_line_ends(run):
    """The same run, with a line's end in every name that a list writes beside its statements."""
    for target in run["targets"]:
        target.update({key: f"a\nDROP DATABASE {key};" for key in ("host", "account", "database", "server") if key in target})
    run["name"] += "\nDROP DATABASE name;"
    return run


def with_a_remark(run):
    """The same run, with words on a line of pg_hba.conf instead of a line for it."""
    for finding in run["findings"]:
        for step in steps(finding):
            if step.get("file") == "pg_hba.conf":
                step["text"] = "# take out line 4"
    return run


def look_at(paths):
    asked = wrong = 0
    for path in paths:
        run = json.loads(path.read_text("utf-8"))
        for form in SIGNS:
            text = subprocess.run([str(HEADGATE), "report", str(path), "--to", form], stdout=subprocess.PIPE, check=True,
                                  timeout=60).stdout.decode("utf-8")
            asked += 1
            controls = {c for c in text if c != "\n" and (ord(c) < 32 or 127 <= ord(c) < 160 or c in "\u2028\u2029\u202e")}
            for line in [*strangers(text, run, form), *map(repr, controls)]:
                wrong += 1
                print(f"{path.name} as {form}: a line that is neither comment nor statement: {line!r}")
    return asked, wrong


def main():
    with tempfile.TemporaryDirectory() as folder:
        odd = pathlib.Path(folder, "line-ends.run.json")
        odd.write_text(json.dumps(with_line_ends(json.loads((HERE / "tonight.run.json").read_text("utf-8")))), "utf-8")
        asked, wrong = look_at([*sorted(HERE.glob("*.run.json")), odd])
        odd.write_text(json.dumps(with_a_remark(json.loads((HERE / "tonight.run.json").read_text("utf-8")))), "utf-8")
        if "above the lines" in subprocess.run([str(HEADGATE), "report", str(odd), "--to", "todo"], stdout=subprocess.PIPE, check=True).stdout.decode("utf-8"):
            wrong += 1
            print("what is to be done to a line that is there is said to go above it")
    print(f"{asked} lists, {wrong} lines out of place")
    return 1 if wrong or asked < 20 else 0


sys.exit(main())
