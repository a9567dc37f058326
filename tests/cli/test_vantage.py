#!/usr/bin/env python3
"""Where headgate stands: what each ending of a connection says from inside, outside and through a tunnel."""
import json
import sys
import unittest

from test_cli import ENVIRONMENT, PLAN, Case


class Vantage(Case):
    """What an answer, or none, says depends on where headgate stands; facts remember it."""
    TUNNEL = PLAN.replace(" } }", " }, connect: { port: 13306 } }")

    def ends(self, stage, outcome, code="", host="db.internal"):
        """The next connections end so."""
        self.probe("#!/bin/sh\ncat <<'END'\n" + "\n".join(map(json.dumps, (
            {"key": "secret.payload", "state": "known",
             "value": {"host": host, "port": 3306, "placeholders": [], "missing": []}},
            {"key": "mysql.connection", "state": "known", "value": {"stage": stage, "outcome": outcome, "code": code}},
            {"done": True}))) + "\nEND\n")

    def found(self, text="run.json"):
        run = json.loads((self.dir / text).read_text("utf-8"))
        return run, next(f for f in run["findings"] if f["check"] == "mysql.connection.reached")

    def run_from(self, plan, *words, status):
        self.write("plan.yaml", plan)
        self.run_plan("--report", "json=run.json", *words, status=status)
        return self.found()

    def test_silence_from_outside_says_nothing(self):
        self.ends("connect", "timeout")
        run, f = self.run_from(PLAN + "vantage: outside\n", status=3)
        self.assertEqual((run["vantage"], f["verdict"], f["severity"]), ("outside", "unknown", "blocker"))
        self.assertIn("db.internal:3306", f["sentence"])
        self.assertIn("outside the network", f["sentence"])
        self.assertIn("says nothing about the stream", f["sentence"])
        self.assertEqual(f["fix"]["statement"], "headgate collect plan.yaml --vantage inside -o facts   # inside the network\n"
                                                "headgate judge plan.yaml --facts facts   # here")
        self.assertIn("docs/INSIDE-THE-VPC.md", f["fix"]["text"])
        waits = [x for x in run["findings"] if x.get("waits_on") == "mysql.connection.reached"]
        self.assertGreater(len(waits), 10)
        self.assertIn("seen from outside", self.headgate("report", "run.json", "--to", "terminal").stdout)

    def test_the_line_to_run_inside_fits_the_run(self):
        self.ends("connect", "timeout")
        self.write("a plan's.yaml", PLAN)
        self.headgate("run", "a plan's.yaml", "--prove", "--probes", "probes", "--report", "json=run.json", status=3)
        self.assertIn("headgate collect 'a plan'\\''s.yaml' --prove --vantage inside -o facts ",
                      self.found()[1]["fix"]["statement"])

    def test_what_each_end_says_from_each_place(self):
        for stage, outcome, code, inside, outside, unstated, tunnel in (
                ("connect", "timeout", "", "fail", "unknown", "unknown", "unknown"),
                ("connect", "unreachable", "", "fail", "unknown", "unknown", "unknown"),
                ("dns", "name-not-found", "EAI_NONAME", "fail", "unknown", "unknown", "unknown"),
                ("dns", "timeout", "EAI_AGAIN", "fail", "unknown", "unknown", "unknown"),
                ("connect", "refused", "", "fail", "unknown", "fail", "unknown"),
                ("greeting", "reset", "", "fail", "fail", "fail", "unknown"),
                ("greeting", "protocol", "", "fail", "fail", "fail", "fail")):
            self.ends(stage, outcome, code)
            for where, wanted in (("inside", inside), ("outside", outside), ("", unstated), ("tunnel", tunnel)):
                plan = self.TUNNEL if where == "tunnel" else PLAN
                plan += f"vantage: {where}\n" if where else ""
                with self.subTest(f"{stage} {outcome} from {where or 'nowhere'}"):
                    _, f = self.run_from(plan, status=1 if wanted == "fail" else 3)
                    self.assertEqual(f["verdict"], wanted, f["sentence"])

    def test_a_tunnel_that_is_not_up_says_so(self):
        self.ends("connect", "refused")
        for plan in (self.TUNNEL, self.TUNNEL.replace("port: 13306", "host: 127.0.0.1, port: 13306") + "vantage: tunnel\n"):
            _, f = self.run_from(plan, status=3)
            self.assertEqual(f["verdict"], "unknown")
            self.assertTrue(f["sentence"].startswith("The tunnel is not up: nothing listens at "), f["sentence"])
            self.assertIn(":13306, this end of the way to db.internal:3306", f["sentence"])
            target = json.loads((self.dir / "run.json").read_text("utf-8"))["targets"][0]
            self.assertEqual((target["host"], target["port"], target["dialled"].split(":")[1]), ("db.internal", 3306, "13306"))
            self.assertIn("db.internal:3306, dialled at ", self.headgate("report", "run.json", "--to", "terminal").stdout.replace("\n", " ").replace("  ", ""))
            self.assertIn(":13306:db.internal:3306 <a machine inside>", f["fix"]["statement"])

    def test_a_host_is_no_command_of_a_shell(self):
        self.ends("connect", "refused", host="db; reboot'")
        _, f = self.run_from(self.TUNNEL, status=3)
        self.assertEqual(f["fix"]["statement"], "ssh -N -L 'db; reboot'\\'':13306:db; reboot'\\'':3306' <a machine inside>")

    def test_facts_remember_where_they_were_collected(self):
        self.ends("connect", "timeout")
        self.write("plan.yaml", self.TUNNEL + "vantage: outside\n")
        self.headgate("collect", "plan.yaml", "--probes", "probes", "--vantage", "inside", "-o", "facts")
        self.headgate("judge", "plan.yaml", "--facts", "facts", "--report", "json=run.json", status=1)
        run, f = self.found()
        self.assertEqual((run["vantage"], f["verdict"]), ("inside", "fail"))
        self.write("plan.yaml", self.TUNNEL)
        out = self.headgate("collect", "plan.yaml", "--probes", "probes", "-o", "-").stdout
        self.assertEqual(json.loads(out.splitlines()[0])["targets"][0]["connect"], {"port": 13306})
        self.write("plan.yaml", PLAN + "vantage: inside\n")  # what the plan says today is not asked
        self.headgate("judge", "plan.yaml", "--facts", "-", "--report", "json=run.json", status=3, input_text=out)
        run, f = self.found()
        self.assertEqual((run["vantage"], f["verdict"]), ("", "unknown"))
        self.assertIn("db.internal:13306", f["sentence"])

    def wildcard(self, plan, profile=()):
        self.write("plan.yaml", plan)
        self.run_plan("--report", "json=run.json", "--only", "mysql.account.host-wildcard", *profile, status=1)
        return json.loads((self.dir / "run.json").read_text("utf-8"))["findings"][0]["fix"]

    def test_fixes_name_the_range_of_the_stream(self):
        facts = [{"key": "mysql.server", "state": "known", "value": {"flavour": "mysql", "version": "8.4.0"}},
                 {"key": "secret.payload", "state": "known", "value": {"username": "u", "placeholders": [], "missing": []}},
                 {"key": "mysql.connection", "state": "known", "value": {"stage": "ready", "outcome": "ok"}},
                 {"key": "mysql.grants", "state": "known", "value": {"account": "'u'@'%'"}}, {"done": True}]
        self.probe("#!/bin/sh\ncat <<'END'\n" + "\n".join(map(json.dumps, facts)) + "\nEND\n")
        for ranges, host in (("{ datastream: 10.1.0.0/29 }", "'10.1.0.0/255.255.255.248'"),
                             ("{ cdc: 10.1.0.0/16 }", "'10.1.0.0/255.255.0.0'"),
                             ("{ office: 10.2.0.0/24, datastream: 10.1.0.7/32 }", "'10.1.0.7'"),
                             ("{ datastream: \"${HG_CLI_RANGE}\" }", "'10.9.0.0/255.255.240.0'"),
                             ('{ datastream: "2001:DB8::1/128" }', "'2001:db8::1'")):
            with self.subTest(ranges):
                ENVIRONMENT["HG_CLI_RANGE"] = "10.9.0.0/20"
                fix = self.wildcard(PLAN + f"from: {ranges}\n")
                self.assertEqual(fix["statement"], f"RENAME USER 'u'@'%' TO 'u'@{host};")
                self.assertNotIn("incomplete", fix)
        for ranges in ("", "from: { a: 10.1.0.0/29, b: 10.2.0.0/29 }\n", "from: { datastream: [10.1.0.0/29, 10.2.0.0/29] }\n",
                       'from: { datastream: "2001:db8::/64" }\n'):  # none, no telling which, two, and a form that MySQL has not
            with self.subTest(ranges):
                fix = self.wildcard(PLAN + ranges)
                self.assertEqual(fix["statement"], "RENAME USER 'u'@'%' TO 'u'@<source range, as 10.1.0.0/255.255.255.248>;")
                self.assertTrue(fix["incomplete"])

    def test_the_same_plan_in_another_folder_is_the_same_plan(self):
        (self.dir / "elsewhere").mkdir()
        self.write("elsewhere/plan.yaml", PLAN)
        self.headgate("collect", "plan.yaml", "--probes", "probes", "-o", "facts")
        self.assertEqual(self.headgate("judge", "elsewhere/plan.yaml", "--facts", "facts", status=3).stderr, "")
        self.write("elsewhere/plan.yaml", PLAN.replace("secret.json", "other.json"))
        self.assertIn("another version of this", self.headgate("judge", "elsewhere/plan.yaml", "--facts", "facts", status=3).stderr)

    def test_facts_from_no_place_that_there_is(self):
        self.headgate("collect", "plan.yaml", "--probes", "probes", "-o", "facts")
        self.write("facts", (self.dir / "facts").read_text("utf-8").replace('"vantage":""', '"vantage":"moon"'))
        done = self.headgate("judge", "plan.yaml", "--facts", "facts", status=2)
        self.assertIn("facts:1: the place where these facts were collected is not one of inside", done.stderr)


if __name__ == "__main__":
    unittest.main(argv=["test_vantage"] + sys.argv[3:])
