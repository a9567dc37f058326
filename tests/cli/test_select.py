#!/usr/bin/env python3
"""--only, --skip, --target and --rerun-failed: what is selected, that nothing else is asked or opened, and that a check
says the same alone as among the others."""
import json
import os
import sys
import unittest

from test_cli import PLAN, Case
from test_wait import end, script

TWO = PLAN + "  other: { engine: mongodb, secret: { file: other.json } }\n"
PAYLOAD = json.dumps({"key": "secret.payload", "state": "known", "value": {
    "host": "127.0.0.1", "port": 1, "username": "u", "database": "d", "fields": ["username"], "placeholders": [],
    "missing": [], "disagreements": []}})
SERVER = json.dumps({"key": "mysql.server", "state": "known", "value": {
    "flavour": "mysql", "version": "8.4.0", "provider": "self"}})


def settings(**more):
    return json.dumps({"key": "mysql.settings", "state": "known", "value": {
        "log_bin": "ON", "binlog_format": "ROW", "binlog_row_image": "MINIMAL", **more}})


READY = ["ready", PAYLOAD, SERVER, end("ready", "ok"), settings()]
REFUSED = ["connect", PAYLOAD, end("connect", "refused")]
ENDS = {"ready": READY, "refused": REFUSED, "no login": ["auth", PAYLOAD, end("auth", "login-refused")],
        "no TLS": ["tls", PAYLOAD, end("tls", "tls-failed")], "nothing": [], "half": [PAYLOAD, SERVER]}


class Selecting(Case):
    def setUp(self):
        super().setUp()
        self.write("other.json", (self.dir / "secret.json").read_text("utf-8"))
        self.write("plan.yaml", TWO)
        self.probe(script(READY, request=True))
        self.write("probes/headgate-probe-mongodb", script(["connect", end("connect", "refused", "mongodb")], request=True))
        os.chmod(self.dir / "probes/headgate-probe-mongodb", 0o755)

    def requests(self):
        """{target: facts asked for}; the requests are forgotten."""
        path = self.dir / "probes/requests"
        lines = path.read_text("utf-8").splitlines() if path.exists() else []
        path.unlink(missing_ok=True)
        return {r["target"]: r["facts"] for r in map(json.loads, filter(None, lines))}

    def findings(self, *words, status, command="run", more=("--probes", "probes")):
        """{(target, check): finding}"""
        self.said = self.headgate(command, "plan.yaml", *more, "--report", "json=run.json", *words, status=status).stderr
        return {(f["target"], f["check"]): f for f in json.loads((self.dir / "run.json").read_text("utf-8"))["findings"]}

    def verdicts(self, *words, **more):
        return {k: f["verdict"] for k, f in self.findings(*words, **more).items()}


class Words(Selecting):
    def selected(self, *words):
        lines = self.headgate("list", *words).stdout.splitlines()
        return {line.split()[0]: line.split()[1] for line in lines}

    def test_an_id_a_glob_a_tag_and_a_severity(self):
        every = self.selected()
        self.assertEqual(list(self.selected("--only", "mysql.binlog.format")), ["mysql.binlog.format"])
        self.assertEqual(set(self.selected("--only", "mysql.binlog.*")), {c for c in every if c.startswith("mysql.binlog.")})
        self.assertIn("mysql.binlog.format", self.selected("--only", "cdc"))
        self.assertNotIn("mysql.secret.placeholder", self.selected("--only", "cdc"))
        self.assertEqual(set(self.selected("--only", "minor").values()), {"minor"})
        self.assertEqual(self.selected("--skip", "minor", "--only", "mysql.*"),
                         {c: s for c, s in every.items() if c.startswith("mysql.") and s != "minor"})
        self.assertEqual(set(self.selected("--only", "mongodb.oplog.*", "--only", "mysql.gtid.mode")),
                         {"mongodb.oplog.window", "mysql.gtid.mode"})

    ROWS = (
        (["--only", "mysql.binlog.fromat"], "--only `mysql.binlog.fromat` is no check's id, tag or severity, and no "
         "pattern of one; did you mean `mysql.binlog.format`?"),
        (["--only", "majr"], "did you mean `major`?"),
        (["--only", "setings"], "did you mean `settings`?"),
        (["--only", "mysql.*", "--only", "no.such.check"], "--only `no.such.check` is no check's id"),
        (["--only", "mysql.binlog.*x"], "`headgate list` shows them"),
        (["--skip", "mysql.gtid.mod"], "--skip `mysql.gtid.mod` is no check's id"),
        (["--target", "oter"], "--target `oter` fits no target of the plan; did you mean `other`?"),
        (["--target", "db", "--target", "x*"], "--target `x*` fits no target of the plan; there are db, other"),
        (["--target", "engine:postgres"], "--target `engine:postgres` fits no target of the plan"),
        (["--target", "engine:my*"], "--target `engine:my*` fits no target of the plan"),
        (["--rerun-failed", "nowhere.json"], "nowhere.json: No such file or directory"),
        (["--rerun-failed", "plan.yaml"], "plan.yaml:1:"),
        (["--rerun-failed", "secret.json"], "secret.json: not a run of headgate: `headgate_run` is not 1"),
        (["--rerun-failed", "foreign.json"], "--rerun-failed foreign.json: of another plan: none of its targets (else) is in "
         "this one"),
    )

    def test_a_word_that_means_nothing_contacts_nobody(self):
        self.write("foreign.json", json.dumps({
            "headgate_run": 1, "version": "1", "name": "n", "started_at": "x", "level": "look", "fail_on": "major",
            "interrupted": False, "exit_status": 1, "targets": [{"id": "else", "engine": "mysql", "errors": []}],
            "findings": []}))
        for words, said in self.ROWS:
            for command, more in (("run", ["--probes", "probes"]), ("collect", ["--probes", "probes", "-o", "f"]),
                                  ("plan", [])):
                with self.subTest(f"{command} {words}"):
                    done = self.headgate(command, "plan.yaml", *more, *words, status=2)
                    self.assertIn(said, done.stderr)
                    self.assertEqual(done.stderr.count("\n"), 1)
                    self.assertEqual(done.stdout, "")
        self.assertEqual(self.requests(), {})
        self.headgate("list", "--only", "mysql.binlog.fromat", status=2)

    def test_a_word_that_selects_nothing_here_is_told(self):
        self.verdicts("--only", "postgres.wal.level", "--only", "mysql.binlog.format", status=0)
        self.assertIn("note: --only postgres.wal.level selects nothing on the targets of this plan", self.said)
        self.verdicts("--only", "postgres.wal.level", status=5)
        self.assertEqual(list(self.requests()), ["db"])


class Asked(Selecting):
    def test_a_target_that_is_not_selected_is_not_touched(self):
        """Not contacted, and its secret not opened: it is not even there."""
        (self.dir / "other.json").unlink()
        for words in (["--target", "db"], ["--target", "d*"], ["--target", "engine:mysql"], ["--only", "mysql.*"],
                      ["--skip", "mongodb.*"]):
            with self.subTest(words):
                self.assertEqual({target for target, _ in self.findings(*words, status=1)}, {"db"})
                self.assertEqual(list(self.requests()), ["db"])
        self.run_plan(status=2)

    def test_nothing_is_asked_for_checks_that_are_not_selected(self):
        self.findings("--only", "mysql.binlog.format", status=0)
        asked = set(self.requests()["db"])
        self.assertIn("mysql.settings", asked)
        self.assertEqual(asked - {"mysql.settings", "mysql.connection", "mysql.server", "mysql.session", "secret.payload"},
                         set())
        self.findings("--only", "mysql.grant.select", status=3)
        self.assertIn("mysql.grants", self.requests()["db"])

    def test_waivers_alone_are_no_run_and_need_no_prove(self):
        self.write("plan.yaml", TWO + "waivers: [{ check: x.y, target: z, reason: r, owner: o, expires: 2020-01-01 }]\n")
        self.findings("--target", "plan", status=5)
        self.assertNotIn("--prove", self.said)
        done = self.run_plan("--only", "plan.*", status=5)
        self.assertTrue(done.stdout.endswith("The gate is CLOSED: only the plan's waivers were looked at\n"), done.stdout)
        self.assertEqual(self.requests(), {})

    def test_what_needs_prove_contacts_nobody_without_it(self):
        (self.dir / "secret.json").unlink()
        found = self.findings("--only", "mysql.binlog.dump", status=5)
        self.assertEqual([f["sentence"] for f in found.values()], ["not proved; add --prove"])
        self.assertIn("headgate: nothing was looked at: what is selected needs --prove", self.said)
        self.assertEqual(self.requests(), {})
        done = self.run_plan("--only", "mysql.binlog.dump", status=5)
        self.assertTrue(done.stdout.endswith("The gate is CLOSED: what was selected needs --prove\n"), done.stdout)
        done = self.headgate("collect", "plan.yaml", "--probes", "probes", "-o", "f", "--only", "mysql.binlog.dump", status=5)
        self.assertIn("needs --prove", done.stderr)
        done = self.headgate("plan", "plan.yaml", "--probes", "probes", "--only", "mysql.binlog.dump", status=5)
        self.assertIn("db: mysql, level look, 0 checks (1 more needs --prove): not contacted\n", done.stdout)
        self.write("secret.json", "{}")
        self.findings("--only", "mysql.binlog.dump", "--prove", status=3)
        self.assertIn("mysql.dump", self.requests()["db"])

    def test_collecting_nothing_is_5(self):
        done = self.headgate("collect", "plan.yaml", "--probes", "probes", "-o", "f", "--only", "postgres.wal.level", status=5)
        self.assertIn("headgate: nothing was selected, so nothing was asked\n", done.stderr)
        self.assertEqual(self.requests(), {})


class Alone(Selecting):
    def test_a_check_whose_need_is_not_selected_still_waits(self):
        """Alone, `no TLS failure` would hold of a server that is not there."""
        self.probe(script(REFUSED))
        found = self.findings("--only", "mysql.connection.tls", status=3)
        self.assertEqual(list(found), [("db", "mysql.connection.tls")])
        finding = found["db", "mysql.connection.tls"]
        self.assertEqual((finding["verdict"], finding["waits_on"]), ("unknown", "mysql.connection.reached"))
        self.assertIn("refused", finding["sentence"])
        done = self.headgate("report", "run.json", "--to", "terminal")
        self.assertIn("waits on mysql.connection.reached", " ".join(done.stdout.split()))
        found = self.findings("--only", "mysql.*", "--skip", "mysql.connection.reached", status=3)
        self.assertEqual(found["db", "mysql.connection.tls"]["waits_on"], "mysql.connection.reached")

    def test_every_check_says_alone_what_it_says_among_others(self):
        self.write("plan.yaml", PLAN)
        for name, lines in ENDS.items():
            self.probe(script(lines))
            self.headgate("collect", "plan.yaml", "--probes", "probes", "-o", "facts")
            judged = ["--facts", "facts"]
            every = self.findings(status=3 if name in ("nothing", "half") else 1, command="judge", more=judged)
            self.assertGreater(len(every), 20)
            for key, finding in every.items():
                with self.subTest(f"{name}: {key[1]}"):
                    status = {"fail": 1, "unknown": 3}.get(finding["verdict"], 0) if finding.get("closes_gate") else (
                        5 if finding["sentence"].startswith("not proved") else 0)
                    self.assertEqual(self.findings("--only", key[1], status=status, command="judge", more=judged),
                                     {key: finding})


class Prove(Selecting):
    def test_proof_that_the_plan_asks_for_and_the_facts_lack_is_unknown(self):
        self.write("plan.yaml", PLAN)
        self.headgate("collect", "plan.yaml", "--probes", "probes", "-o", "facts")
        self.write("plan.yaml", PLAN + "prove: true\n")
        found = self.findings("--only", "mysql.binlog.dump", status=3, command="judge", more=["--facts", "facts"])
        self.assertEqual([(f["verdict"], f["sentence"]) for f in found.values()], [(
            "unknown", "not proved, though that was asked for: the facts were collected without; add --prove")])
        self.assertIn("the plan says `prove`, and the facts were collected without", self.said)


class Rerun(Selecting):
    def again(self, *words, status, command="run", more=("--probes", "probes")):
        self.requests()
        os.replace(self.dir / "run.json", self.dir / "old.json")
        return self.verdicts("--rerun-failed", "old.json", *words, status=status, command=command, more=more)

    def test_what_failed_or_was_unknown_and_its_cause(self):
        first = self.verdicts(status=1)
        wanted = {k for k, v in first.items() if v in ("fail", "unknown")}
        self.assertIn(("db", "mysql.binlog.row-image"), wanted)
        self.assertIn(("db", "mysql.gtid.mode"), wanted)        # below the gate
        second = self.again(status=1)
        self.assertEqual(set(second), wanted)
        self.probe(script([*READY, settings(binlog_row_image="FULL")], request=True))
        third = self.again("--only", "mysql.binlog.*", status=1)
        self.assertEqual(third["db", "mysql.binlog.row-image"], "pass")
        self.assertEqual({c.rsplit(".", 1)[0] for _, c in third}, {"mysql.binlog"})
        self.assertEqual(list(self.requests()), ["db"])

    def test_the_cause_of_a_run_that_did_not_list_it_comes_too(self):
        self.probe(script(REFUSED))
        self.verdicts("--only", "mysql.connection.tls", status=3)
        self.assertEqual(self.again(status=1), {("db", "mysql.connection.reached"): "fail",
                                                ("db", "mysql.connection.tls"): "unknown"})

    def test_targets_without_failures_are_not_asked(self):
        self.verdicts("--target", "db", "--only", "mysql.binlog.row-image", status=1)
        (self.dir / "other.json").unlink()
        self.assertEqual(self.again(status=1), {("db", "mysql.binlog.row-image"): "fail"})
        self.assertEqual(list(self.requests()), ["db"])

    def test_nothing_failed(self):
        self.verdicts("--only", "mysql.binlog.format", status=0)
        self.assertEqual(self.again(status=5), {})
        self.assertIn("headgate: note: nothing failed in old.json, so there is nothing to do again\n", self.said)
        self.assertEqual(self.requests(), {})

    def test_an_intersection_that_is_empty_is_5(self):
        self.verdicts("--only", "mysql.binlog.row-image", status=1)
        self.assertEqual(self.again("--target", "other", status=5), {})

    def test_collect_and_judge(self):
        self.verdicts("--only", "mysql.binlog.row-image", status=1)
        self.headgate("collect", "plan.yaml", "--probes", "probes", "-o", "facts", "--rerun-failed", "run.json")
        self.assertIn("mysql.settings", self.requests()["db"])
        self.assertEqual(self.again(status=1, command="judge", more=["--facts", "facts"]),
                         {("db", "mysql.binlog.row-image"): "fail"})
        text = self.headgate("plan", "plan.yaml", "--probes", "probes", "--rerun-failed", "old.json").stdout
        self.assertIn("db: mysql, level look, 1 check\n", text)

    def test_what_was_proved_is_not_let_go(self):
        """A failure of a run with --prove is not gone because it is not tried any more."""
        self.verdicts("--only", "mysql.binlog.dump", "--only", "mysql.binlog.row-image", "--prove", status=1)
        self.probe(script([*READY, settings(binlog_row_image="FULL")]))
        self.assertEqual(self.again(status=3), {("db", "mysql.binlog.dump"): "unknown",
                                                ("db", "mysql.binlog.row-image"): "pass",
                                                ("db", "mysql.grant.replication-slave"): "unknown"})

    def test_another_version_of_the_plan_is_noted(self):
        self.verdicts("--only", "mysql.binlog.row-image", status=1)
        self.write("plan.yaml", TWO + "params: { mysql.binlog.retention: 8d }\n")
        self.assertEqual(self.again(status=1), {("db", "mysql.binlog.row-image"): "fail"})
        self.assertIn("note: old.json: a run of another version of this plan\n", self.said)
        self.write("plan.yaml", TWO.replace("a plan", "a plan by another name"))
        self.again(status=1)
        self.assertIn("note: old.json: a run of another plan, a plan\n", self.said)

    def test_checks_and_targets_that_are_gone_are_counted(self):
        self.verdicts(status=1)
        run = json.loads((self.dir / "run.json").read_text("utf-8"))
        run["findings"] = [f for f in run["findings"] if f["check"] == "mysql.binlog.row-image"]
        run["findings"] += [{**run["findings"][0], "check": "mysql.\x1b[31mgone"}, {**run["findings"][0], "target": "gone"}]
        self.write("run.json", json.dumps(run))
        self.assertEqual(self.again(status=1), {("db", "mysql.binlog.row-image"): "fail"})
        self.assertIn("note: old.json: 2 of what failed there is not in this plan\n", self.said)
        self.assertNotIn("\x1b", self.said)


if __name__ == "__main__":
    unittest.main(argv=["test_select"] + sys.argv[3:])
