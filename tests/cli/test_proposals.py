#!/usr/bin/env python3
"""What is proposed where a server was not reached: a firewall is opened only where packets may have been dropped on the way.
The probes are scripts that say how the connection ended."""
import json
import os
import sys
import unittest

from test_cli import HEADGATE, PLAN, Case
from test_wait import end, script

FILLED = json.dumps({"key": "secret.payload", "state": "known", "value": {
    "host": "10.0.1.5", "port": 3306, "username": "u", "database": "d", "placeholders": [], "missing": [], "disagreements": []}})
ENGINES = ("mysql", "postgres", "mongodb")
ENDS = (("refused", "connect"), ("timeout", "dns"), ("timeout", "connect"), ("unreachable", "connect"), ("timeout", "greeting"),
        ("timeout", "auth"), ("reset", "greeting"), ("name-not-found", "dns"), ("protocol", "greeting"), ("starting", "auth"),
        ("too-many-connections", "auth"), ("host-blocked", "greeting"))


class Proposals(Case):
    def judged(self, plan, engine, *lines):
        """The findings of a run inside the network by check, of what the probe said."""
        self.write("plan.yaml", plan)
        self.write(f"probes/headgate-probe-{engine}", script([FILLED, *lines]))
        os.chmod(self.dir / f"probes/headgate-probe-{engine}", 0o755)
        done = self.headgate("run", "plan.yaml", "--probes", "probes", "--vantage", "inside", "--report", "json=-", status=1)
        return {f["check"]: f for f in json.loads(done.stdout)["findings"]}

    def test_a_firewall_is_no_answer_to_a_port_that_is_open(self):
        for engine in ENGINES:
            for outcome, stage in ENDS:
                found = self.judged(PLAN.replace("mysql", engine), engine, "connect", end(stage, outcome, engine))
                fix = found[f"{engine}.connection.reached"]["fix"]
                opens = (outcome, stage) in (("timeout", "connect"), ("unreachable", "connect"))
                self.assertEqual("gcloud compute firewall-rules" in fix.get("statement", ""), opens, (engine, outcome, stage))
                self.assertEqual("ss -ltn" in fix.get("statement", ""), outcome == "refused", (engine, outcome, stage))

    def test_a_firewall_is_no_answer_to_an_endpoint_that_refuses(self):
        plan = "headgate: 1\nname: n\ntargets:\n  n: { engine: network, endpoints: { 'a b': 'h:1', c: 'h:2' } }\n"
        for outcome in ("refused", "reset", "name-not-found", "timeout", "unreachable"):
            items = [{"name": "a", "host": "h", "port": 1, "outcome": outcome}, {"name": "c", "host": "h", "port": 2, "outcome": "timeout"}]
            value = {"items": items, "complete": True}
            found = self.judged(plan, "network", json.dumps({"key": "network.endpoints", "state": "known", "value": value}))
            statement = found["network.endpoint.reached"]["fix"].get("statement", "")
            self.assertEqual("gcloud compute firewall-rules" in statement, outcome in ("timeout", "unreachable"), outcome)

    def test_no_password_is_proposed_for_a_database_that_is_not_there(self):
        found = self.judged(PLAN, "mysql", "auth", end("auth", "no-database"))
        self.assertTrue(found["mysql.connection.login"]["fix"]["statement"].startswith("SHOW DATABASES;"))


if __name__ == "__main__":
    assert HEADGATE.exists()
    unittest.main(argv=["test_proposals"] + sys.argv[3:])
