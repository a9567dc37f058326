#!/usr/bin/env python3
"""`headgate init` on real servers: from payload files to a run that ends with an open gate or the next thing to do, and
from there, by what the run and the plan's own comments say, to an open gate. No password on the way."""
import json
import pathlib
import re
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from common import Fleet, headgate, main   # noqa: E402  pylint: disable=wrong-import-position


TARGETS = {"mysql": "contributor", "postgres": "qualityaudit", "mongodb": "programops"}


def leaks(fleet, text):
    return [w for server in fleet.servers.values() for w in server.passwords.values() if w in text]


def init(test, fleet, folder, payloads, *words):
    plan = pathlib.Path(folder) / "plan.yaml"
    done = headgate("init", *payloads, "--ca", fleet.dir / "ca.pem", "-o", plan, *words, fleet=fleet, status=0)
    text = plan.read_text("utf-8")
    test.equal("passwords in the plan and in what init says", leaks(fleet, text + done.stderr.decode()), [])
    test.equal("what init prints", done.stdout, b"")
    test.equal("connection strings in the plan", re.findall("mongodb(?:.srv)?://", text), [])
    shown = headgate("plan", plan, fleet=fleet, status=0).stdout.decode()
    test.equal("targets", re.findall(r"(?m)^(\S+): (\w+), level", shown),
               [("contributor", "mysql"), ("programops", "mongodb"), ("qualityaudit", "postgres")])
    return plan, done.stderr.decode()


def run(fleet, plan, status, *words, **more):
    report = plan.with_suffix(".json")
    headgate("run", plan, *words, "--report", f"json={report}", fleet=fleet, status=status, **more)
    return json.loads(report.read_text("utf-8"))


def troubles(document):
    return sorted(f"{f['check']} {f['target']} {f['verdict']}" for f in document["findings"]
                  if f["verdict"] in ("fail", "unknown") and f["severity"] in ("blocker", "major") and not f.get("waits_on"))


def ready(test):
    with Fleet("ready") as fleet, tempfile.TemporaryDirectory(prefix="headgate-init-") as folder:
        payloads = sorted((fleet.dir / "secrets").glob("*.json"))
        plan, said = init(test, fleet, folder, payloads)
        test.check("nothing but the loopback hosts is to be done first", said.count("\n  - ") == 1, said)
        # A server that is seconds old, and a file that only an auditor may read: the next things to do.
        test.equal("the first run", troubles(run(fleet, plan, (1, 3), "--prove")),
                   ["mongodb.oplog.window programops fail", "postgres.hba.open-range qualityaudit unknown",
                    "postgres.hba.trust qualityaudit unknown"])
        through = [w for s in fleet.servers.values() for w in ("--connect", f"{TARGETS[s.engine]}=127.0.0.1:{s.port}")]
        (pathlib.Path(folder) / "tunnel").mkdir()
        tunnel, said = init(test, fleet, pathlib.Path(folder) / "tunnel", payloads, "--vantage", "tunnel", *through)
        test.check("nothing is to be done first for a tunnel that is named", "before the first run" not in said, said)
        found = {(f["check"], f["target"]): f["verdict"] for f in run(fleet, tunnel, (1, 3))["findings"]}
        for engine, target in TARGETS.items():
            test.equal(f"login on {target} through what --connect names", found[f"{engine}.connection.login", target], "pass")
        # The plan has a line for each of them.
        text = plan.read_text("utf-8")
        for old, new in (("# params:", "params:"), ("#   mongodb.oplog.window: 24h", "  mongodb.oplog.window: 0s"),
                         ("# auditor: { secret: { env: AUDITOR_QUALITYAUDIT", "auditor: { secret: { env: AUDITOR_QUALITYAUDIT")):
            test.equal(f"lines {old}", text.count(old), 1)
            text = text.replace(old, new)
        plan.write_text(text, "utf-8")
        env = fleet.environ()
        env["AUDITOR_QUALITYAUDIT"] = env["AUDITOR_POSTGRES"]
        test.equal("the gate", troubles(run(fleet, plan, 0, "--prove", env=env)), [])


def seed(test):
    """The documents as the seed has them: the plan is written, and the run begins with the placeholder."""
    with Fleet("seed-literal") as fleet, tempfile.TemporaryDirectory(prefix="headgate-init-") as folder:
        payloads = sorted((fleet.dir / "secrets/as-written").glob("*.json"))
        plan, said = init(test, fleet, folder, payloads, "--vantage", "inside")
        test.equal("placeholders named", said.count("still has a placeholder in `password`"), 3)
        found = troubles(run(fleet, plan, 1))
        for engine, target in (("mysql", "contributor"), ("postgres", "qualityaudit"), ("mongodb", "programops")):
            test.check(f"the next thing to do on {target}", f"{engine}.secret.placeholder {target} fail" in found, str(found))
        plan, said = init(test, fleet, folder, sorted((fleet.dir / "secrets").glob("*.json")), "--vantage", "inside", "--force")
        test.check("real passwords: nothing is to be done first", "before the first run" not in said, said)
        test.check("and the seed's own faults are found", "mysql.grant.select-everywhere contributor fail"
                   in troubles(run(fleet, plan, 1)))


def body(test):
    ready(test)
    seed(test)


if __name__ == "__main__":
    main(body)
