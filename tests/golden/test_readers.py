#!/usr/bin/env python3
"""Other people's readers understand our reports: the counts they find are the runs' own.

The strict dialect is valid against three schemas (HEADGATE_SHARED/schemas, or ../shared beside the source); xmllint,
prove, junitparser and tap.py are used where they are installed.
"""
import json
import os
import pathlib
import shutil
import subprocess
import sys

try:
    import yaml
except ImportError:
    yaml = None

HEADGATE, ROOT = pathlib.Path(sys.argv[1]).resolve(), pathlib.Path(sys.argv[2]).resolve()
RUNS = sorted((ROOT / "tests/golden").glob("*.run.json"))
SCHEMAS = ("junit-ant-windyroad.xsd", "junit-10-jenkins-xunit.xsd", "jenkins-junit.xsd")

# Run by the venv's Python: prints what each library counts.
PARSERS = r'''
import json, sys
from junitparser import JUnitXml, Failure, Error, Skipped
from tap.parser import Parser
cases = [case for suite in JUnitXml.fromfile(sys.argv[1]) for case in suite]
kinds = [type(r) for case in cases for r in case.result]
lines = [line for line in Parser().parse_file(sys.argv[2]) if line.category == "test"]
print(json.dumps({
    "junit": [len(cases), kinds.count(Failure), kinds.count(Error), kinds.count(Skipped)],
    "names": len({(c.classname, c.name) for c in cases}),
    "tap": [len(lines), sum(not l.ok and not l.todo for l in lines), sum(bool(l.todo) for l in lines),
            sum(bool(l.skip) for l in lines)]}))
'''


def counts(run):
    """[all, failures, unknowns and faults, excused] and the same as TAP has it: [all, not ok, todo, skip]."""
    doc = json.loads(run.read_text("utf-8"))
    faults = sum(len(t["errors"]) for t in doc["targets"]) + len(doc.get("errors", []))
    kinds = [f["verdict"] + ("" if f.get("closes_gate") or f["verdict"] != "fail" else "-below") for f in doc["findings"]]
    n = {k: kinds.count(k) for k in ("fail", "fail-below", "unknown", "skip", "waived")}
    return ([len(kinds) + faults, n["fail"], n["unknown"] + faults, n["fail-below"] + n["skip"] + n["waived"]],
            [len(kinds) + faults, n["fail"] + n["unknown"] + faults, n["fail-below"] + n["waived"], n["skip"]])


def report(run, form):
    return subprocess.run([str(HEADGATE), "report", str(run), "--to", form], stdout=subprocess.PIPE, timeout=60,
                          check=True).stdout


class Readers:
    def __init__(self, folder):
        self.folder, self.wrong, self.used, self.missing = folder, [], 0, []
        where = subprocess.run([str(ROOT / "scripts/setup"), "--where", "venv"], stdout=subprocess.PIPE,
                               stderr=subprocess.DEVNULL, text=True, check=False)
        python = pathlib.Path(where.stdout.strip() or "/nonexistent") / "bin/python"
        self.python = python if python.exists() else None
        shared = pathlib.Path(os.environ.get("HEADGATE_SHARED") or ROOT.parent / "shared")
        self.schemas = shared / "schemas" if (shared / "schemas").is_dir() else None
        self.missing += [] if self.python else ["junitparser and tap.py (scripts/setup test)"]
        self.missing += [f"{tool}" for tool in ("xmllint", "prove") if shutil.which(tool) is None]
        self.missing += [] if self.schemas else ["the three schemas ($HEADGATE_SHARED)"]

    def check(self, what, good, said=""):
        self.used += 1
        if not good:
            self.wrong.append(f"{what}: {said}")

    def file(self, run, form):
        path = self.folder / f"{run.name}.{form.replace(':', '-')}"
        path.write_bytes(report(run, form))
        return path

    def xmllint(self, run):
        for form in ("junit", "junit:strict"):
            path = self.file(run, form)
            done = subprocess.run(["xmllint", "--noout", str(path)], stderr=subprocess.PIPE, text=True, check=False)
            self.check(f"{path.name} is well-formed", done.returncode == 0, done.stderr[:500])
        for schema in SCHEMAS if self.schemas else ():
            done = subprocess.run(["xmllint", "--noout", "--schema", str(self.schemas / schema), str(path)],
                                  stderr=subprocess.PIPE, text=True, check=False)
            self.check(f"{path.name} is valid against {schema}", done.returncode == 0, done.stderr[:500])

    def prove(self, run):
        _, (total, bad, _, _) = counts(run)
        done = subprocess.run(["prove", "-e", "cat", str(self.file(run, "tap"))], stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True, check=False)
        self.check(f"prove counts {total} of {run.name}", f"Tests={total}," in done.stdout, done.stdout)
        self.check(f"prove's status of {run.name}", (done.returncode == 0) == (bad == 0), done.stdout)
        self.check(f"prove parses {run.name}", "Parse error" not in done.stdout, done.stdout)
        if bad:
            self.check(f"prove's failures of {run.name}", f"Failed: {bad})" in done.stdout, done.stdout)

    def blocks(self, run):
        """Each YAML block below a test point is YAML, and says what the finding says."""
        text = report(run, "tap").decode("utf-8")
        blocks = [yaml.safe_load(part.partition("\n  ...\n")[0]) for part in text.split("\n  ---\n")[1:]]
        severities = [b["severity"] for b in blocks if "verdict" in b]
        doc = json.loads(run.read_text("utf-8"))
        wanted = [f["severity"] for f in doc["findings"] if f["verdict"] not in ("pass", "skip")]
        self.check(f"the YAML blocks of {run.name}", severities == wanted and all(b["message"] for b in blocks), blocks)

    def parsers(self, run):
        junit, tap = counts(run)
        for form in ("junit", "junit:strict"):
            done = subprocess.run([str(self.python), "-c", PARSERS, str(self.file(run, form)),
                                   str(self.file(run, "tap"))], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                  text=True, check=False)
            found = json.loads(done.stdout.splitlines()[-1]) if done.returncode == 0 else {"names": done.stderr[-500:]}
            self.check(f"junitparser's counts of {run.name} as {form}", found.get("junit") == junit, f"{found} {junit}")
            self.check(f"unique names in {run.name} as {form}", found["names"] == junit[0], f"{found} {junit}")
            # tap.py takes an escaped \# for the start of a directive: there only the number of points can agree.
            known = 1 if "\\#" in report(run, "tap").decode("utf-8") else 4
            self.check(f"tap.py's counts of {run.name}", found.get("tap", [])[:known] == tap[:known], f"{found} {tap}")


def main():
    import tempfile     # pylint: disable=import-outside-toplevel
    with tempfile.TemporaryDirectory(prefix="headgate-readers-") as folder:
        readers = Readers(pathlib.Path(folder))
        for run in RUNS:
            if shutil.which("xmllint"):
                readers.xmllint(run)
            if shutil.which("prove"):
                readers.prove(run)
            if yaml:
                readers.blocks(run)
            if readers.python:
                readers.parsers(run)
    for line in readers.wrong:
        print(line)
    print(f"{readers.used} questions, {len(readers.wrong)} wrong answers")
    for name in readers.missing:
        print(f"not there: {name}")
    return 1 if readers.wrong else 0 if readers.used else 77


sys.exit(main())
