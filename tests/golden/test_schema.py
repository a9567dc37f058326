#!/usr/bin/env python3
"""The published schema of a run takes the hand-made runs, and refuses each with one thing made wrong."""
import copy
import json
import pathlib
import subprocess
import sys

ROOT = pathlib.Path(sys.argv[1]).resolve()
VALIDATE = r'''
import json, sys
from jsonschema import Draft202012Validator
def validator(path):
    schema = json.load(open(path, encoding="utf-8"))
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema)
run, diff = validator(sys.argv[1]), validator(sys.argv[2])
for line in sys.stdin:
    value = json.loads(line)
    print(json.dumps([error.message[:200] for error in (diff if "headgate_diff" in value else run).iter_errors(value)]))
'''
# (what is made wrong, how): each is refused by hg_run_from_json() as well, or would mislead a reader.
SPOILED = (
    ("another format", lambda run: run.update(headgate_run=2)),
    ("no name", lambda run: run.pop("name")),
    ("no findings", lambda run: run.pop("findings")),
    ("an unknown gate", lambda run: run.update(fail_on="fatal")),
    ("an exit status that is none", lambda run: run.update(exit_status=4)),
    ("a target without faults", lambda run: run["targets"][0].pop("errors")),
    ("an unknown verdict", lambda run: run["findings"][0].update(verdict="ok")),
    ("an unknown severity", lambda run: run["findings"][0].update(severity="critical")),
    ("no sentence", lambda run: run["findings"][0].update(sentence="")),
    ("offenders that are no text", lambda run: run["findings"][0].update(offenders=[1])),
    ("a change that is none", lambda run: run["findings"][0].update(since="fixed")),
    ("a comparison with nothing", lambda run: run.update(since={})),
    ("what was fixed without a check", lambda run: run.update(since={
        "started_at": "x", "name": "n", "level": "look", "fixed": [{"target": "t", "severity": "info", "was": "fail"}], "waived": [], "lost": []})),
    ("a pass that closes the gate", lambda run: run["findings"][0].update(verdict="pass", closes_gate=True)),
)


def main():
    where = subprocess.run([str(ROOT / "scripts/setup"), "--where", "venv"], stdout=subprocess.PIPE,
                           stderr=subprocess.DEVNULL, text=True, check=False)
    python = pathlib.Path(where.stdout.strip() or "/nonexistent") / "bin/python"
    if not python.exists():
        print("jsonschema is not there (scripts/setup test)")
        return 77
    questions = []
    for path in sorted((ROOT / "tests/golden").glob("*.run.json")):
        run = json.loads(path.read_text("utf-8"))
        questions.append((f"{path.name} is a run", run, True))
        for what, spoil in SPOILED if run["findings"] and run["targets"] else ():
            bad = copy.deepcopy(run)
            spoil(bad)
            questions.append((f"{path.name} with {what} is none", bad, False))
    for path in sorted((ROOT / "tests/golden").glob("*.diff.json")):
        questions.append((f"{path.name} is a diff", json.loads(path.read_text("utf-8")), True))
    done = subprocess.run([str(python), "-c", VALIDATE, *(str(ROOT / f"reports/schema/{name}.schema.json") for name in ("run", "diff"))],
                          input="".join(json.dumps(run) + "\n" for _, run, _ in questions), stdout=subprocess.PIPE,
                          text=True, check=True)
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    wrong = [f"{what}: {said or 'no error'}" for (what, _, good), said in zip(questions, answers) if good != (not said)]
    for line in wrong:
        print(line)
    print(f"{len(questions)} questions, {len(wrong)} wrong answers")
    return 1 if wrong or len(answers) != len(questions) or len(questions) < 20 else 0


sys.exit(main())
