#!/usr/bin/env python3
"""The main job: the gate opens on ready servers, every fault of the seed's own set-up is named, and `collect` then
`judge` is `run`.

fixtures/expected/PLAN.txt lists what must not be well: a line `check target verdict` for every failure and for every
unknown that waits for nothing else. `--update` rewrites the lists.
"""
import json
import pathlib
import re
import stat
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from common import ROOT, Fleet, headgate, main, run_json, verdicts   # noqa: E402  pylint: disable=wrong-import-position

UPDATE = "--update" in sys.argv[3:]
# What this check saw is a span of time, and time goes on.
VOLATILE = "mongodb.oplog.window"


def ready(test):
    with Fleet("ready") as fleet:
        run = run_json("run", fleet.plan("ready"), fleet=fleet, status=0)
        wrong = [f"{k}: {v}" for k, v in verdicts(run).items() if v not in ("pass", "skip")]
        test.equal("what is not well on ready servers", wrong, [])
        for target in ("contributor", "qualityaudit", "programops"):
            passed = sum(v == "pass" for v in verdicts(run, target).values())
            test.check(f"{target} passes many checks", passed >= 15, str(passed))
        test.equal("faults", [t["errors"] for t in run["targets"]], [[], [], []])
        halves(test, fleet, "ready", 0)


def seed(test):
    with Fleet("seed-literal") as fleet:
        for plan in ("seed-literal", "seed-filled"):
            run = run_json("run", fleet.plan(plan), fleet=fleet, status=1)
            lines = sorted(f"{f['check']} {f['target']} {f['verdict']}" for f in run["findings"]
                           if f["verdict"] == "fail" or (f["verdict"] == "unknown" and not f.get("waits_on")))
            expected = ROOT / f"fixtures/expected/{plan}.txt"
            if UPDATE:
                expected.write_text("".join(f"{line}\n" for line in lines), "utf-8")
            wanted = expected.read_text("utf-8").split("\n")[:-1]
            test.equal(f"{plan}: found and not expected", sorted(set(lines) - set(wanted)), [])
            test.equal(f"{plan}: expected and not found", sorted(set(wanted) - set(lines)), [])
            waiting(test, plan, run)
            halves(test, fleet, plan, 1)


def waiting(test, plan, run):
    """What waits, waits for something on its own target that is not well, and that is reported."""
    found = verdicts(run)
    for f in run["findings"]:
        if f.get("waits_on"):
            cause = found.get((f["waits_on"], f["target"]))
            test.check(f"{plan}: {f['check']} waits for a trouble", cause in ("fail", "unknown"), f"{f['waits_on']}: {cause}")
            test.equal(f"{plan}: {f['check']} waits as unknown", f["verdict"], "unknown")


def settled(findings):
    """The findings as text, without spans of time that grow between two looks."""
    return [re.sub(r"\d+", "N", json.dumps(f)) if f["check"] == VOLATILE else json.dumps(f) for f in findings]


def halves(test, fleet, plan, status):
    with tempfile.TemporaryDirectory(prefix="headgate-halves-") as folder:
        facts = pathlib.Path(folder) / "facts"
        once = run_json("run", fleet.plan(plan), fleet=fleet, status=status)
        headgate("collect", fleet.plan(plan), "-o", facts, fleet=fleet, status=0)
        test.equal("the mode of stored facts", stat.S_IMODE(facts.stat().st_mode), 0o600)
        text = facts.read_text("utf-8")
        for server in fleet.servers.values():
            for who, password in server.passwords.items():
                test.check(f"{plan}: facts hold no password of {server.engine}'s {who}", password not in text)
        judged = run_json("judge", fleet.plan(plan), "--facts", facts, fleet=fleet, status=status)
        test.equal(f"{plan}: findings in number", len(judged["findings"]), len(once["findings"]))
        for a, b in zip(settled(once["findings"]), settled(judged["findings"])):
            test.equal(f"{plan}: a finding of `run`, and of `collect` and `judge`", b, a)
        test.equal(f"{plan}: plan digest", judged["plan_digest"], once["plan_digest"])
        words = ("judge", fleet.plan(plan), "--facts", facts, "--as-of", "2026-11-24", "--report", "json=-")
        first, second = (headgate(*words, fleet=fleet, status=status).stdout for _ in range(2))
        test.check(f"{plan}: judging twice gives the same bytes", first == second and first)
        cut(test, plan, fleet, facts)


def cut(test, plan, fleet, facts):
    """A stored file that lost its end is refused, not judged as if the rest had been unasked."""
    text = facts.read_bytes()
    for keep in (len(text) // 2, text[:-1].rfind(b"\n") + 1):
        facts.write_bytes(text[:keep])
        done = headgate("judge", fleet.plan(plan), "--facts", facts, fleet=fleet)
        test.equal(f"{plan}: facts cut at {keep} of {len(text)}", done.returncode, 2)


def body(test):
    ready(test)
    seed(test)


if __name__ == "__main__":
    main(body)
