#!/usr/bin/env python3
"""On real servers as the seed sets them up: each check, collected and judged alone, says what it says among all others,
so what is asked for it is enough; and fewer checks ask for less."""
import json
import pathlib
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from common import Fleet, headgate, main     # noqa: E402  pylint: disable=wrong-import-position

# Of these the words hold what differs from one connection to the next: positions, times, process numbers.
VOLATILE = ("expected", "actual", "sentence")


def findings(fleet, folder, *words):
    """{(check, target): finding}, by way of stored facts."""
    facts, report = folder / "facts", folder / "run.json"
    plan = fleet.plan("seed-filled")
    headgate("collect", plan, "--prove", "-o", facts, *words, fleet=fleet, status=0)
    headgate("judge", plan, "--facts", facts, "--report", f"json={report}", *words, fleet=fleet, status=(0, 1, 3))
    return {(f["check"], f["target"]): f for f in json.loads(report.read_text("utf-8"))["findings"]}


def same(alone, among):
    return {k: v for k, v in alone.items() if k not in VOLATILE} == {k: v for k, v in among.items() if k not in VOLATILE}


def body(test):
    with Fleet("seed-literal") as fleet, tempfile.TemporaryDirectory(prefix="headgate-select-") as name:
        folder = pathlib.Path(name)
        every = findings(fleet, folder)
        test.check("many checks", len(every) > 60, str(len(every)))
        for (check, target), finding in every.items():
            alone = findings(fleet, folder, "--only", check, "--target", target)
            test.equal(f"{check} alone: what is found", list(alone), [(check, target)])
            test.check(f"{check} alone: it says the same", same(alone[check, target], finding),
                       f"{json.dumps(alone[check, target])} among others {json.dumps(finding)}")


if __name__ == "__main__":
    main(body)
