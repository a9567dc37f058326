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
schema = json.load(open(sys.argv[1], encoding="utf-8"))
Draft202012Validator.check_schema(schema)
validator = Draft202012Validator(schema)
for line in sys.stdin:
    print(json.dumps([error.message[:200] for error in validator.iter_errors(json.loads(line))]))
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
    done = subprocess.run([str(python), "-c", VALIDATE, str(ROOT / "reports/schema/run.schema.json")],
                          input="".join(json.dumps(run) + "\n" for _, run, _ in questions), stdout=subprocess.PIPE,
                          text=True, check=True)
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    wrong = [f"{what}: {said or 'no error'}" for (what, _, good), said in zip(questions, answers) if good != (not said)]
    for line in wrong:
        print(line)
    print(f"{len(questions)} questions, {len(wrong)} wrong answers")
    return 1 if wrong or len(answers) != len(questions) or len(questions) < 20 else 0


sys.exit(main())
