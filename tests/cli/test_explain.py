#!/usr/bin/env python3
"""`headgate explain`: what is sent, the rights it needs, and thresholds with where each comes from. No network."""
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import unittest

HEADGATE, ROOT = pathlib.Path(sys.argv[1]).resolve(), pathlib.Path(sys.argv[2]).resolve()
PROBES = HEADGATE.parent / "../probes"
ENVIRONMENT = {k: v for k, v in os.environ.items() if not k.startswith(("HEADGATE", "HG_"))}
PLAN = """\
headgate: 1
name: n
profile: [seed, datastream]
params: { mysql.cdc: gtid }
targets:
  one: { engine: mysql, secret: { env: X }, params: { mysql.binlog.retention: 14d } }
  two: { engine: mysql, secret: { env: X } }
  three: { engine: postgres, secret: { env: X } }
"""


def headgate(*words, status=0):
    done = subprocess.run([str(HEADGATE), *words], env=ENVIRONMENT, stdin=subprocess.DEVNULL, capture_output=True, text=True,
                          timeout=60, check=False)
    assert done.returncode == status, (words, done.returncode, done.stdout[-300:], done.stderr)
    return done.stderr if status else done.stdout


def explain(*words):
    return headgate("explain", *words, "--checks", str(ROOT / "checks"))


def joined(text):
    """Lines that were wrapped, as one: a text may be looked for over their ends."""
    return " ".join(text.split())


def profile(name):
    """{ parameter: (value, source) }, read with other eyes than headgate's."""
    params, inside, key = {}, False, None
    for line in (ROOT / f"checks/profiles/{name}.yaml").read_text("utf-8").splitlines():
        inside = inside or line == "params:"
        word, _, rest = line.strip().partition(": ")
        if inside and word.endswith(":"):
            key = word[:-1]
        elif inside and word in ("value", "source"):
            rest = rest.partition("  #")[0].strip()
            params.setdefault(key, {})[word] = json.loads(rest) if rest[0] == '"' else rest
    return params


def section(text, name):
    """Of what one check says: the lines below a head, up to the next empty one."""
    lines = text.splitlines()
    start = next(i for i, line in enumerate(lines) if line.split("  ")[0] == name)
    end = next((i for i in range(start + 1, len(lines)) if not lines[i]), len(lines))
    return "\n".join(lines[start:end])


class Explain(unittest.TestCase):
    def test_every_check_tells_its_thresholds_and_their_sources(self):
        sheets, told = explain("*").split("\n\nsource "), 0
        ids = [line.split()[0] for line in headgate("list", "--checks", str(ROOT / "checks")).splitlines()]
        self.assertGreaterEqual(len(sheets), len(ids))
        profiles = {name: profile(name) for name in ("datastream", "seed")}
        for id_ in ids:
            text = explain(id_)
            self.assertTrue(text.startswith(id_ + "\n"))
            shown = joined(section(text, "thresholds"))
            raw = (ROOT / "checks" / (id_.replace(".", "/") + ".yaml")).read_text("utf-8")
            for name, params in profiles.items():
                for param, given in params.items():
                    if re.search(rf"(param[:/]|seconds:) *{re.escape(param)}(?![\w.-])", raw):
                        self.assertIn(f" {param} ", shown + " ")
                        self.assertIn(f"{name} {given['value']} {joined(given['source'])}", shown, id_)
                        told += 1
                    else:
                        self.assertNotIn(f" {param} datastream ", shown, id_)
        self.assertGreaterEqual(told, 16)

    def test_no_line_but_statements_and_what_it_expects_is_wider_than_80(self):
        for name in ("thresholds", "reads"):
            for sheet in explain("*").split("\n\n"):
                if sheet.startswith(name):
                    for line in sheet.splitlines():
                        self.assertLessEqual(len(line), 80, line)

    def test_statements_and_rights_are_the_probes_own(self):
        seen = 0
        for engine in ("mysql", "postgres", "mongodb", "network"):
            path = PROBES / f"headgate-probe-{engine}"
            if not path.exists():
                continue
            about = json.loads(subprocess.run([path, "--describe"], capture_output=True, check=True).stdout)
            needs = {f["key"]: f.get("needs") or "no right beyond the login" for f in about["facts"]}
            for sheet in explain(f"{engine}.*").split("\n\nexamples\n")[:-1]:
                keys = [line.split()[0] for line in section(sheet, "reads").splitlines()[1:] if line[2] != " "]
                reads, sends = joined(section(sheet, "reads")), section(sheet, "sends")
                for key in keys:
                    self.assertIn(f"{key} needs {needs[key]}", reads)
                for statement in about["statements"]:
                    wanted = not statement["facts"] or bool(set(keys) & set(statement["facts"]))
                    lines = sends.splitlines()
                    heads = [lines[i - 1] for i, line in enumerate(lines) if line == f"      {statement['text']}"]
                    self.assertTrue(heads or not wanted, statement["id"])
                    seen += len(heads)
                    if heads and statement.get("when") and len(statement["when"]) < 40:
                        self.assertTrue(any(h.endswith(f"; {statement['when']}") for h in heads), (statement["id"], heads))
        self.assertGreater(seen, 100)

    def test_which_servers_a_statement_is_for(self):
        text = section(explain("mysql.binlog.dump"), "sends")
        self.assertIn("; MySQL from 8.2\n      SHOW BINARY LOG STATUS\n", text)
        self.assertIn("; MySQL before 8.2, MariaDB\n      SHOW MASTER STATUS\n", text)
        self.assertIn("; with --prove; MySQL from 8.0.22\n      SHOW REPLICAS\n", text)

    def test_a_check_of_the_plan_itself_sends_nothing(self):
        self.assertIn("\n\nsends       nothing: it is about the plan itself\n", explain("plan.waiver.used"))

    def test_what_lets_headgate_look_and_what_says_nothing(self):
        text = explain("mongodb.oplog.window")
        self.assertIn('\n\nlets look   where a fact was denied:\n', text)
        self.assertIn('[ { role: "read", db: "local" } ]', text)
        self.assertNotIn("{{", text)
        text = explain("mysql.connection.login")
        self.assertIn('\n            where {"run/vantage":{"one_of":["tunnel","outside"]}', text)
        self.assertIn("\n              {text:run/judge}   # here\n", text)

    def test_globs_and_several(self):
        both = explain("mysql.binlog.f*", "mysql.gtid.mode")
        self.assertEqual(both, explain("mysql.binlog.format") + "\n" + explain("mysql.gtid.mode"))
        self.assertEqual(explain("mysql.binlog.*").count("\nexamples\n"), len(list((ROOT / "checks/mysql/binlog").glob("*.yaml"))))

    def test_what_there_is_not(self):
        self.assertEqual(headgate("explain", "mysql.binlog.fromat", status=2),
                         "headgate: there is no check `mysql.binlog.fromat`; did you mean `mysql.binlog.format`?\n")
        headgate("explain", "nothing.*", status=2)
        headgate("explain", status=2)
        self.assertIn("there is no profile `nowhere`", headgate("explain", "mysql.gtid.mode", "--profile", "nowhere", status=2))
        headgate("explain", "mysql.gtid.mode", "--plan", "nowhere.yaml", status=2)

    def test_one_profile(self):
        text = section(explain("mysql.binlog.retention", "--profile", "seed"), "thresholds")
        self.assertIn("    seed  ", text)
        self.assertNotIn("datastream  ", text)

    def test_a_plan_says_what_is_in_force(self):
        with tempfile.NamedTemporaryFile("w", suffix=".yaml") as plan:
            plan.write(PLAN)
            plan.flush()
            text = joined(section(explain("mysql.binlog.retention", "--plan", plan.name), "thresholds"))
            self.assertIn("one 14d In force: the plan says so for this target.", text)
            self.assertIn("two 7d In force: the profile seed says so.", text)
            self.assertLess(text.index("seed 7d"), text.index("datastream 7d"))
            self.assertNotIn("three", text)
            text = joined(section(explain("mysql.gtid.mode", "--plan", plan.name), "thresholds"))
            self.assertIn("one gtid In force: the plan says so.", text)
            plan.seek(0)
            plan.write(PLAN.replace("14d", "14x").replace("mysql.cdc", "mysql.cdd"))
            plan.flush()
            self.assertIn("did you mean `mysql.cdc`?", headgate("explain", "mysql.gtid.mode", "--plan", plan.name, status=2))

    def test_an_engine_of_somebody_elses(self):
        words = ["explain", "demo.settings.colour", "--checks", str(ROOT / "fixtures/probes/checks")]
        text = headgate(*words, "--probes", str(ROOT / "fixtures/probes"))
        self.assertIn("demo        blue\n                made up, like the engine\n", text)
        self.assertIn("there is no probe for demo", headgate(*words))


if __name__ == "__main__":
    unittest.main(argv=["test_explain.py"] + sys.argv[3:])
