#!/usr/bin/env python3
"""Waivers: what they accept and until when, and what is said of those that are malformed, old, near their end or of no use.

Nothing is contacted: a placeholder for a password is a failure, and everything behind the login stays unknown.
Usage: test_waivers.py HEADGATE SOURCE
"""
import datetime
import json
import pathlib
import subprocess
import sys
import tempfile

HEADGATE, ROOT = pathlib.Path(sys.argv[1]).resolve(), pathlib.Path(sys.argv[2]).resolve()
PLAN = """headgate: 1
name: waivers
targets:
  db: {{ engine: mysql, secret: {{ file: secret.json }}, scope: [d.*] }}
  other: {{ engine: mysql, secret: {{ file: secret.json }}, scope: [d.*] }}
profile: datastream
gate: {{ fail_on: {fail_on} }}
{waivers}
"""
SECRET = {"hostname": "192.0.2.1", "port": 3306, "username": "u", "password": "REPLACE_WITH_ACTUAL_PASSWORD", "database": "d"}
TODAY = datetime.datetime.now(datetime.timezone.utc).date()
problems, seen = [], 0


def day(offset):
    return (TODAY + datetime.timedelta(days=offset)).isoformat()


def waiver(check="mysql.secret.placeholder", target="db", reason="agreed", owner="dba", expires="2099-01-31"):
    return json.dumps({k: v for k, v in locals().items() if v is not None})


class Run:
    def __init__(self, folder, waivers, *options, fail_on="info"):
        text = "waivers:\n" + "".join(f"  - {w}\n" for w in waivers) if waivers else ""
        (folder / "plan.yaml").write_text(PLAN.format(waivers=text, fail_on=fail_on))
        done = subprocess.run([HEADGATE, "run", "plan.yaml", "--checks", ROOT / "checks", *options, "--report", "json=run.json",
                               "--report", "terminal=run.txt", "--report", "junit=run.xml", "--report", "tap=run.tap"],
                              cwd=folder, capture_output=True, text=True, timeout=60, check=False)
        self.status, self.err = done.returncode, done.stderr
        document = json.loads((folder / "run.json").read_text()) if done.returncode != 2 else {"findings": [], "targets": []}
        self.targets = [t["id"] for t in document["targets"]]
        self.findings = {(f["check"], f["target"]): f for f in document["findings"]}
        self.texts = {name: (folder / f"run.{name}").read_text() for name in ("txt", "xml", "tap")}

    def plan(self, name):
        return self.findings.get((f"plan.waiver.{name}", "plan"), {})

    def verdict(self, check, target="db"):
        return self.findings[check, target]["verdict"]


def expect(what, is_so):
    global seen
    seen += 1
    if not is_so:
        problems.append(what)


def verdicts(run):
    return {name: run.plan(name).get("verdict") for name in ("well-formed", "in-date", "not-expiring", "used")}


with tempfile.TemporaryDirectory(prefix="headgate-waivers-") as name:
    folder = pathlib.Path(name)
    (folder / "secret.json").write_text(json.dumps(SECRET))
    ALL = waiver(check="*", target="*")

    r = Run(folder, [])
    expect("without waivers nothing is said of them", "plan" not in r.targets and r.status == 1)

    r = Run(folder, [ALL])
    expect("failures and unknowns may be accepted, all of them", r.status == 0 and r.verdict("mysql.secret.placeholder") == "waived"
           and r.verdict("mysql.binlog.format") == "waived")
    expect("a waiver in use is no finding", verdicts(r) == {"well-formed": "pass", "in-date": "pass", "not-expiring": "pass",
                                                             "used": "skip"})

    r = Run(folder, [waiver()])
    expect("one check on one target only", r.verdict("mysql.secret.placeholder") == "waived"
           and r.verdict("mysql.secret.placeholder", "other") == "fail" and r.status == 1)
    expect("used", verdicts(r)["used"] == "pass")
    expect("every format names it", all("agreed" in text and "2099-01-31" in text for text in r.texts.values()))

    r = Run(folder, [waiver(expires=day(0))])
    expect("the last day counts", r.verdict("mysql.secret.placeholder") == "waived" and verdicts(r)["in-date"] == "pass")
    expect("its end is near", verdicts(r)["not-expiring"] == "fail" and day(0) in r.plan("not-expiring")["sentence"])

    r = Run(folder, [waiver(expires=day(-1))])
    expect("the day after it fails again", r.verdict("mysql.secret.placeholder") == "fail" and verdicts(r)["in-date"] == "fail")
    expect("expired is not near its end", verdicts(r)["not-expiring"] == "skip")
    expect("the failure says whose waiver is over", r.findings["mysql.secret.placeholder", "db"]["waiver"].startswith("expired on "))
    expect("every format says so", all("expired on" in text for text in r.texts.values()))

    r = Run(folder, [waiver(expires=day(14))])
    expect("14 days are near", verdicts(r)["not-expiring"] == "fail")
    r = Run(folder, [waiver(expires=day(15))])
    expect("15 are not", verdicts(r)["not-expiring"] == "pass")

    r = Run(folder, [waiver(expires=day(-1)), waiver(expires=day(20))])
    expect("of two the longer one holds", r.verdict("mysql.secret.placeholder") == "waived")

    for bad, words in ((waiver(reason=None), "`reason` is missing"), (waiver(owner=None), "`owner` is missing"),
                       (waiver(check=None), "`check` is missing"), (waiver(expires="2027-02-30"), "`2027-02-30` is not a date"),
                       (waiver(expires="31.01.2027"), "is not a date"), ('"word"', "must be a mapping"),
                       (waiver()[:-1] + ', "untill": "x"}', "`untill` is not a key of a waiver")):
        r = Run(folder, [bad, ALL], fail_on="major")
        sentence = r.plan("well-formed").get("sentence", "")
        expect(f"malformed: {words}: is a finding that closes the gate: {r.status} {sentence}",
               r.status == 1 and r.plan("well-formed").get("verdict") == "fail" and words in sentence and "plan.yaml:9:" in sentence)
        expect("and said before anything is contacted", words in r.err and str(folder) not in r.err)
        expect("and no waiver can accept it, though the others hold", r.verdict("mysql.secret.placeholder") == "waived")

    r = Run(folder, [waiver(check="mysql.secret.placehodler")], fail_on="minor")
    expect("a name that is nowhere", verdicts(r)["used"] == "fail" and "placehodler" in r.plan("used")["sentence"])
    r = Run(folder, [waiver(target="db2")], fail_on="minor")
    expect("a target that is nowhere", verdicts(r)["used"] == "fail")
    r = Run(folder, [waiver(target="db2")], "--target", "db", "--only", "mysql.secret.*")
    expect("nothing is said of it when only a part is looked at", r.plan("used") == {} and "plan" not in r.targets)
    r = Run(folder, [waiver(target="db2")], "--skip", "mysql.connection.*")
    expect("nor when something is left out", verdicts(r)["used"] == "skip")
    r = Run(folder, [waiver(check="mysql.binlog.dump")])
    expect("a check above the run's level was not looked at", verdicts(r)["used"] == "skip")

print(*problems, f"{seen} questions, {len(problems)} problems", sep="\n")
sys.exit(1 if problems else 0)
