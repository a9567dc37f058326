#!/usr/bin/env python3
"""The command line, without a network: what probes there are here are scripts of a few lines."""
import json
import os
import pathlib
import pty
import signal
import subprocess
import sys
import tempfile
import time
import unittest
import xml.etree.ElementTree

HEADGATE, ROOT = pathlib.Path(sys.argv[1]).resolve(), pathlib.Path(sys.argv[2]).resolve()
COMMANDS = ("init", "run", "collect", "judge", "report", "diff", "list", "explain", "lint", "plan", "help")
FORMATS = ("terminal", "junit", "junit:strict", "tap", "tap14", "json", "markdown", "github", "todo", "todo:mysql", "todo:postgres", "todo:mongodb",
           "todo:shell")
EVERY = [word for f in FORMATS for word in ("--report", f"{f}={f.replace(':', '-')}")]
ENVIRONMENT = {k: v for k, v in os.environ.items() if not k.startswith(("HEADGATE", "HG_")) and k != "NO_COLOR"}
ENVIRONMENT.update(TERM="xterm", LC_ALL="C.UTF-8")

PLAN = """\
headgate: 1
name: a plan
targets:
  db: { engine: mysql, secret: { file: secret.json } }
"""
SECRET = {"hostname": "127.0.0.1", "port": 1, "username": "u", "password": "a-marker-word", "database": "d"}
# Says it was started, and is done; the slow one stays.
QUICK = '#!/bin/sh\n: >"${0%/*}/started"\necho \'{"stage":"connect"}\'\necho \'{"done":true}\'\n'
SLOW = '#!/bin/sh\necho \'{"stage":"auth"}\'\n: >"${0%/*}/started"\nexec sleep 1000\n'


class Case(unittest.TestCase):
    def setUp(self):
        room = tempfile.TemporaryDirectory(prefix="headgate-cli-")
        self.addCleanup(room.cleanup)
        self.dir = pathlib.Path(room.name)
        (self.dir / "probes").mkdir()
        self.started = self.dir / "probes/started"
        self.write("plan.yaml", PLAN)
        self.write("secret.json", json.dumps(SECRET))
        self.probe(QUICK)

    def write(self, name, text):
        (self.dir / name).write_text(text, "utf-8")

    def probe(self, text):
        self.write("probes/headgate-probe-mysql", text)
        os.chmod(self.dir / "probes/headgate-probe-mysql", 0o755)

    def headgate(self, *words, status=0, env=None, input_text=None, **more):
        done = subprocess.run([str(HEADGATE), *words], cwd=self.dir, env={**ENVIRONMENT, **(env or {})},
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=60, check=False,
                              **({"input": input_text} if input_text else {"stdin": subprocess.DEVNULL}), **more)
        self.assertEqual(done.returncode, status, f"headgate {' '.join(words)}\n{done.stdout}{done.stderr}")
        return done

    def run_plan(self, *words, **more):
        return self.headgate("run", "plan.yaml", "--probes", "probes", *words, **more)

    def start(self, *words, **more):
        return subprocess.Popen([str(HEADGATE), "run", "plan.yaml", "--probes", "probes", *words], cwd=self.dir,
                                env=ENVIRONMENT, stdin=subprocess.DEVNULL, **more)

    def wait_for(self, condition):
        end = time.monotonic() + 30
        while not condition():
            self.assertLess(time.monotonic(), end, "not within 30 s")
            time.sleep(0.01)


class Help(Case):
    def test_every_command_has_a_help_of_80_columns(self):
        for words in (["--help"], *([c, "--help"] for c in COMMANDS), *([c, "-h"] for c in COMMANDS)):
            done = self.headgate(*words)
            self.assertTrue(done.stdout.startswith("usage: headgate"), words)
            self.assertEqual(done.stderr, "")
            for line in done.stdout.splitlines():
                self.assertLessEqual(len(line), 80, f"{words}: {line}")

    def test_the_overview_names_every_command(self):
        text = self.headgate("--help").stdout
        for command in COMMANDS:
            self.assertIn(f"\n  {command} ", text)

    def test_help_of_a_command_is_the_help_of_the_command(self):
        for command in COMMANDS:
            self.assertEqual(self.headgate("help", command).stdout, self.headgate(command, "--help").stdout)
        self.assertEqual(self.headgate("help").stdout, self.headgate("--help").stdout)
        done = self.headgate("help", "rnu", status=2)
        self.assertEqual((done.stdout, done.stderr), ("", "headgate: `rnu` is not a command; did you mean `run`?\n"))

    def test_the_tables_that_man_pages_are_made_of(self):
        tables = json.loads(self.headgate("help", "--tables").stdout)
        self.assertEqual([c["name"] for c in tables["commands"] if c["name"] in COMMANDS], list(COMMANDS))
        run = {o["name"]: o for c in tables["commands"] if c["name"] == "run" for o in c["options"]}
        self.assertEqual(run["verbose"]["brief"], "-v")
        self.assertEqual([w["word"] for w in run["report"]["words"]], [f"{f}=" for f in FORMATS])
        for command in tables["commands"]:
            text = self.headgate(command["name"], "--help").stdout
            for option in command["options"]:
                self.assertIn(f"\n  --{option['name']} ", text)

    def test_completion_is_silent_and_contacts_nobody(self):
        self.write("plan.yaml", PLAN + "  bad: {")
        for words in (["run", "plan.yaml", "--target", ""], ["run", "nowhere", "--target", ""], ["nonsense", ""], ["run", "--x"],
                      ["run", "plan.yaml", "--checks", "nowhere", "--only", ""], ["run", "plan.yaml", "--"], [""]):
            self.assertEqual(self.headgate("help", "--complete", *words).stderr, "", words)
        self.assertEqual(self.headgate("help", "--complete", "run", "plan.yaml", "--target", "").stdout, "")
        self.write("plan.yaml", 'targets: { "a\\nb\\x1b[31m": {}, ok: {} }')
        self.assertEqual(self.headgate("help", "--complete", "run", "plan.yaml", "--target", "").stdout,
                         "a b\\u{1b}[31m\t\nok\t\n")
        self.headgate("help", "--complete", status=2)
        self.assertFalse(self.started.exists())

    def test_version(self):
        self.assertRegex(self.headgate("--version").stdout, r"\Aheadgate \d+\.\d+\.\d+\n\Z")

    def test_no_word_at_all(self):
        self.assertEqual(self.headgate(status=2).stdout, "")

    def test_help_that_cannot_be_written_is_no_success(self):
        with open("/dev/full", "w", encoding="ascii") as full:
            done = subprocess.run([str(HEADGATE), "--help"], stdout=full, stderr=subprocess.DEVNULL, check=False)
        self.assertEqual(done.returncode, 70)


class Usage(Case):
    """(words, what is said): exit status 2, one line on standard error, nothing on standard output."""
    ROWS = (
        (["rnu"], "`rnu` is not a command; did you mean `run`?"),
        (["explode"], "did you mean"),
        (["qqqqqq"], "see --help"),
        (["run", "plan.yaml", "--onyl", "x"], "`headgate run` has no option `--onyl`; did you mean --only?"),
        (["run", "plan.yaml", "--facts", "f"], "`headgate run` has no option `--facts`"),
        (["run", "plan.yaml", "-z"], "`headgate run` has no option `-z`; see --help"),
        (["run"], "`headgate run` wants one plan file"),
        (["run", "plan.yaml", "plan.yaml"], "`headgate run` wants one plan file"),
        (["run", "nowhere.yaml"], "nowhere.yaml: No such file or directory"),
        (["run", "plan.yaml", "--only"], "--only wants a value: --only SEL"),
        (["run", "plan.yaml", "--quiet=yes"], "--quiet takes no value"),
        (["run", "plan.yaml", "--jobs", "0"], "--jobs `0` is not a number from 1 to 10000"),
        (["run", "plan.yaml", "--jobs", "many"], "--jobs `many` is not a number"),
        (["run", "plan.yaml", "--deadline", "soon"], "--deadline `soon` is not a duration"),
        (["run", "plan.yaml", "--deadline", "99h"], "--deadline `99h` is not a duration"),
        (["run", "plan.yaml", "--fail-on", "fatal"], "--fail-on `fatal` is not info, minor, major or blocker"),
        (["run", "plan.yaml", "--report", "junti=x"], "did you mean `junit`?"),
        (["report", "run.json", "--to", "nonsense"], "there is no report format `nonsense`; there are terminal, junit, "),
        (["run", "plan.yaml", "--report", "junit="], "--report `junit=` is not FORMAT=FILE"),
        (["run", "plan.yaml", "--profile", "debezum"], "there is no profile `debezum`; there are"),
        (["run", "plan.yaml", "--checks", "nowhere"], "nowhere: No such file or directory"),
        (["run", "plan.yaml", "--vantage", "moon"], "--vantage `moon` is not inside, tunnel or outside"),
        (["judge", "plan.yaml", "--facts", "f", "--vantage", "inside"], "`headgate judge` has no option `--vantage`"),
        (["collect", "plan.yaml"], "`headgate collect` wants -o FACTS"),
        (["judge", "plan.yaml"], "`headgate judge` wants --facts FILE"),
        (["judge", "plan.yaml", "--facts", "nowhere"], "nowhere: No such file or directory"),
        (["judge", "plan.yaml", "--facts", "plan.yaml"], "plan.yaml:1: "),
        (["judge", "plan.yaml", "--facts", "f", "--as-of", "2026-13-01"], "is not a date YYYY-MM-DD"),
        (["report", "plan.yaml"], "`headgate report` wants a run and --to FORMAT"),
        (["report", "plan.yaml", "--to", "json"], "plan.yaml:1:"),
        (["report", "secret.json", "--to", "json"], "not a run of headgate"),
        (["report", "secret.json", "--to", "json", "--since", "secret.json"], "secret.json: not a run of headgate"),
        (["run", "plan.yaml", "--since", "nowhere.json"], "nowhere.json: No such file or directory"),
        (["judge", "plan.yaml", "--facts", "f", "--since", "plan.yaml"], "plan.yaml:1:"),
        (["collect", "plan.yaml", "-o", "f", "--since", "r"], "`headgate collect` has no option `--since`"),
        (["diff", "secret.json"], "`headgate diff` wants two runs, the older first"),
        (["diff", "secret.json", "secret.json"], "secret.json: not a run of headgate: `headgate_run` is not 1"),
        (["diff", "secret.json", "secret.json", "--to", "junit"], "--to `junit` is not terminal, markdown or json"),
        (["diff", "-", "-"], "only one of the two runs can be standard input"),
        (["diff", "secret.json", "nowhere", "--color", "no"], "--color `no` is not auto, always or never"),
        (["explain", "mysql.binlog.fromat"], "did you mean `mysql.binlog.format`?"),
    )

    def test_rows(self):
        for words, said in self.ROWS:
            with self.subTest(" ".join(words)):
                done = self.headgate(*words, status=2)
                self.assertIn(said, done.stderr)
                self.assertEqual(done.stderr.count("\n"), 1)
                self.assertEqual(done.stdout, "")

    def test_bad_usage_contacts_nobody(self):
        for words in (["--report", "nope=x"], ["--fail-on", "nope"], ["--profile", "nope"]):
            self.run_plan(*words, status=2)
        self.assertFalse(self.started.exists())


class Secrets(Case):
    def refused(self, secret, said, env=None):
        self.write("plan.yaml", PLAN.replace("{ file: secret.json }", secret))
        done = self.run_plan(status=2, env=env)
        self.assertIn(said, done.stderr)
        self.assertEqual(done.stdout, "")
        self.assertFalse(self.started.exists(), "a probe was started")

    def test_a_file_that_is_not_there(self):
        self.refused("{ file: nowhere.json }", "nowhere.json")

    def test_a_variable_that_is_not_set(self):
        self.refused("{ env: HG_CLI_NOT_SET }", "HG_CLI_NOT_SET")

    def test_a_command_that_is_not_there(self):
        self.refused("{ command: [headgate-no-such-command] }", "headgate-no-such-command")

    def test_one_bad_secret_among_good_ones_contacts_nobody(self):
        self.write("plan.yaml", PLAN + "  other: { engine: mysql, secret: { file: nowhere.json } }\n")
        self.run_plan(status=2)
        self.assertFalse(self.started.exists())


class OddSecrets(Case):
    """Files that are no files cost no more than the deadline (the probe here takes its payload whole)."""
    def secret(self, name):
        self.write("plan.yaml", PLAN.replace("secret.json", name))
        self.probe("#!/bin/sh\nwc -c <&3 >\"${0%/*}/size\"\necho '{\"done\":true}'\n")
        began = time.monotonic()
        self.run_plan("--deadline", "1s", status=3)
        self.assertLess(time.monotonic() - began, 5)
        size = self.dir / "probes/size"
        return size.read_text("ascii").strip() if size.exists() else None

    def test_a_named_pipe_without_a_writer(self):
        os.mkfifo(self.dir / "pipe")
        self.assertEqual(self.secret("pipe"), "0")

    def test_a_pipe_of_the_shell(self):
        reader, writer = os.pipe()
        self.addCleanup(os.close, reader)
        os.write(writer, b"x" * 1000)
        os.close(writer)
        os.symlink(f"/proc/{os.getpid()}/fd/{reader}", self.dir / "pipe")
        self.assertEqual(self.secret("pipe"), "1000")

    def test_a_command_that_never_ends(self):
        self.write("plan.yaml", PLAN.replace("{ file: secret.json }", "{ command: [sleep, \"1000\"] }"))
        self.probe("#!/bin/sh\nwc -c <&3\n")
        began = time.monotonic()
        self.run_plan("--deadline", "1s", status=3)
        self.assertLess(time.monotonic() - began, 5)

    def test_a_command_that_fails_is_ours(self):
        self.write("plan.yaml", PLAN.replace("{ file: secret.json }", "{ command: [\"false\"] }"))
        self.run_plan(status=70)


class Reports(Case):
    def read(self, name):
        return (self.dir / name).read_text("utf-8")

    def valid(self):
        """The files of EVERY are whole."""
        run = json.loads(self.read("json"))
        self.assertGreater(len(run["findings"]), 5)
        for name in ("junit", "junit-strict"):
            xml.etree.ElementTree.fromstring(self.read(name))
        self.assertIn(f"1..{len(run['findings'])}\n", self.read("tap"))
        self.assertTrue(self.read("tap14").startswith("TAP version 14\n1..1\n"))
        self.assertTrue(self.read("github").startswith("::error title=db mysql."))
        self.assertTrue(self.read("markdown").startswith("## The gate is CLOSED: "))
        self.assertTrue(self.read("terminal").splitlines()[-1].startswith("The gate is CLOSED"))
        return run

    def test_all_at_once(self):
        done = self.run_plan(*EVERY, status=3)
        self.assertEqual(done.stdout, "")
        self.assertRegex(done.stderr, r"\Aheadgate: the gate is CLOSED: 0 passed, .*\n\Z")
        self.valid()

    def test_a_stored_run_in_every_format(self):
        self.run_plan(*EVERY, status=3)
        for name in FORMATS:
            done = self.headgate("report", "json", "--to", name)
            self.assertEqual(done.stdout, self.read(name.replace(":", "-")), name)
            self.headgate("report", "json", "--to", name, "-o", "again")
            self.assertEqual(self.read("again"), done.stdout, name)

    def test_an_unwritable_report_is_70_and_the_others_are_written(self):
        done = self.run_plan("--report", "tap=nowhere/x", *EVERY, status=70)
        self.assertIn("nowhere/x", done.stderr)
        self.valid()
        self.run_plan("--report", "tap=/dev/full", *EVERY, status=70)
        self.valid()

    def test_reports_do_not_change_the_status(self):
        for words in ([], ["--report", "tap=t"], ["--report", "json=-"], ["--quiet"]):
            self.run_plan(*words, status=3)

    def test_nothing_selected_is_5(self):
        done = self.run_plan("--only", "postgres.wal.level", status=5)
        self.assertIn("Nothing was selected.", done.stdout)
        self.run_plan("--skip", "mysql.*", status=5)
        self.run_plan("--only", "postgres.wal.level", "--report", "tap=t", status=5)
        self.assertIn("1..0 # SKIP", self.read("t"))

    def test_a_report_is_replaced_whole(self):
        self.write("json", "old" * 100000)
        self.run_plan(*EVERY, status=3)
        self.valid()
        self.assertEqual([p.name for p in self.dir.glob(".*")] + [p.name for p in self.dir.glob("*.tmp*")], [])


class Changes(Case):
    """diff and --since, on runs of which one finding was changed by hand."""
    def setUp(self):
        super().setUp()
        self.run_plan("--report", "json=old.json", "--report", "json=new.json", status=3)

    def change(self, name, **fields):
        run = json.loads((self.dir / name).read_text("utf-8"))
        finding = next(f for f in run["findings"] if f["check"] == "mysql.binlog.format")
        finding.update(fields)
        run["exit_status"] = {"fail": 1, "unknown": 3}.get(finding["verdict"], 0)
        self.write(name, json.dumps(run))
        return run

    def test_the_status_of_diff(self):
        done = self.headgate("diff", "old.json", "new.json")
        self.assertIn("Exit status 0: nothing that closes the gate is new or worse.", done.stdout)
        self.change("new.json", verdict="fail")
        self.assertIn("1 worse", self.headgate("diff", "old.json", "new.json", status=1).stdout.splitlines()[-1])
        self.change("old.json", verdict="pass", closes_gate=False)
        self.assertIn("1 new", self.headgate("diff", "old.json", "new.json", status=1).stdout.splitlines()[-1])
        self.assertIn("1 fixed", self.headgate("diff", "new.json", "old.json").stdout.splitlines()[-1])
        self.change("new.json", verdict="unknown")
        self.headgate("diff", "old.json", "new.json", status=3)

    def test_a_failure_that_nobody_sees_any_more_is_said(self):
        self.change("old.json", verdict="fail", closes_gate=True)
        text = self.headgate("diff", "old.json", "new.json").stdout
        self.assertIn("FAILED THEN, UNKNOWN NOW: counted as unchanged\n  db: mysql.binlog.format (", text)
        self.assertIn("\n1 of these failed then and is unknown now.\n",
                      self.headgate("diff", "old.json", "new.json", "--to", "markdown").stdout)

    def test_what_vanished_is_not_fixed(self):
        run = self.change("new.json")
        run["findings"] = [f for f in run["findings"] if f["check"] != "mysql.binlog.format"]
        self.write("new.json", json.dumps(run))
        done = self.headgate("diff", "old.json", "new.json", status=3)
        self.assertIn("1 no longer looked at", done.stdout.splitlines()[-1])
        self.assertNotIn("FIXED", done.stdout)
        self.run_plan("--only", "postgres.wal.level", "--report", "json=new.json", status=5)
        self.headgate("diff", "old.json", "new.json", status=3)

    def test_formats_files_and_standard_input(self):
        self.change("new.json", verdict="fail")
        for form, begins in (("terminal", "old  a plan"), ("markdown", "## 1 worse"), ("json", '{\n "headgate_diff": 1')):
            out = self.headgate("diff", "old.json", "new.json", "--to", form, status=1).stdout
            self.assertTrue(out.startswith(begins), out[:80])
            self.headgate("diff", "old.json", "new.json", "--to", form, "-o", "there", status=1)
            self.assertEqual((self.dir / "there").read_text("utf-8"), out)
        self.headgate("diff", "old.json", "new.json", "-o", "nowhere/x", status=70)
        with open(self.dir / "new.json", encoding="utf-8") as text:
            done = subprocess.run([str(HEADGATE), "diff", "old.json", "-"], cwd=self.dir, env=ENVIRONMENT, stdin=text, stdout=subprocess.PIPE,
                                  check=False)
        self.assertEqual(done.returncode, 1)

    def test_since_changes_no_status(self):
        self.change("old.json", verdict="pass", closes_gate=False)
        done = self.run_plan("--since", "old.json", status=3)
        self.assertRegex(done.stdout, r"1 new, \d+ unchanged since 20")
        run = json.loads(self.run_plan("--since", "old.json", "--report", "json=-", status=3).stdout)
        new = [f["check"] for f in run["findings"] if f.get("since") == "new"]
        self.assertEqual(new, ["mysql.binlog.format"])
        self.change("new.json", verdict="pass", closes_gate=False)
        self.change("old.json", verdict="fail", closes_gate=True)
        for form, said in (("terminal", "mysql.binlog.format on db (blocker, fail then)"), ("markdown", "### Fixed"),
                           ("github", "1 fixed"), ("junit", "1 fixed"), ("json", '"was": "fail"'), ("tap", "since: \"unchanged\"")):
            self.assertIn(said, self.headgate("report", "new.json", "--since", "old.json", "--to", form).stdout)

    def test_since_is_kept_in_facts_judged_later(self):
        self.headgate("collect", "plan.yaml", "--probes", "probes", "-o", "facts")
        self.change("old.json", verdict="fail")
        done = self.headgate("judge", "plan.yaml", "--facts", "facts", "--since", "old.json", status=3)
        self.assertRegex(done.stdout, r"\d+ unchanged since 20")

    def test_a_since_that_is_no_run_contacts_nobody(self):
        self.started.unlink()
        self.run_plan("--since", "secret.json", status=2)
        self.assertFalse(self.started.exists())


class Colour(Case):
    def on_terminal(self, *words, env=None):
        """Standard output of a run on a terminal."""
        try:
            master, slave = pty.openpty()
        except OSError as error:  # a container without /dev/pts
            self.skipTest(f"no terminal to be had: {error}")
        child = self.start(*words, stdout=slave, stderr=subprocess.DEVNULL) if env is None else subprocess.Popen(
            [str(HEADGATE), "run", "plan.yaml", "--probes", "probes", *words], cwd=self.dir,
            env={**ENVIRONMENT, **env}, stdin=subprocess.DEVNULL, stdout=slave, stderr=subprocess.DEVNULL)
        os.close(slave)
        text = b""
        try:
            while chunk := os.read(master, 65536):
                text += chunk
        except OSError:
            pass
        os.close(master)
        self.assertEqual(child.wait(60), 3)
        return text

    def test_a_pipe_gets_none(self):
        done = self.run_plan(status=3)
        self.assertNotIn("\033", done.stdout + done.stderr)

    def test_a_terminal_gets_some(self):
        self.assertIn(b"\033[", self.on_terminal())

    def test_no_color(self):
        self.assertNotIn(b"\033", self.on_terminal(env={"NO_COLOR": "1"}))
        self.assertNotIn(b"\033", self.on_terminal(env={"TERM": "dumb"}))
        self.assertIn(b"\033[", self.on_terminal(env={"NO_COLOR": ""}))

    def test_the_option_beats_both(self):
        self.assertNotIn(b"\033", self.on_terminal("--color", "never"))
        self.assertIn(b"\033[", self.on_terminal("--color", "always", env={"NO_COLOR": "1"}))
        self.assertIn("\033[", self.run_plan("--color", "always", status=3).stdout)
        self.run_plan("--color", "sometimes", status=2)

    def test_files_get_none_from_auto(self):
        self.run_plan(*EVERY, status=3)
        for name in FORMATS:
            self.assertNotIn(b"\033", (self.dir / name.replace(":", "-")).read_bytes())


class Interrupt(Reports):
    def interrupted(self, number):
        self.probe(SLOW)
        child = self.start(*EVERY, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self.wait_for(lambda: self.started.exists() or child.poll() is not None)
        child.send_signal(number)
        out, err = child.communicate(timeout=30)
        self.assertEqual(child.returncode, 130, err)
        self.assertEqual(out, b"")
        run = self.valid()
        self.assertTrue(run["interrupted"])
        self.assertEqual(run["exit_status"], 130)
        self.assertNotIn("pass", {f["verdict"] for f in run["findings"]})

    def test_ctrl_c(self):
        self.interrupted(signal.SIGINT)

    def test_sigterm(self):
        self.interrupted(signal.SIGTERM)


class Reading(Case):
    def test_list_explain_lint_and_plan(self):
        listed = self.headgate("list").stdout
        self.assertIn("mysql.binlog.format", listed)
        text = self.headgate("explain", "mysql.binlog.format").stdout
        self.assertIn("mysql.settings/binlog_format", text)
        self.assertRegex(self.headgate("lint").stdout, r"\A\d+ checks: well-formed, and every example holds\n\Z")
        text = self.headgate("plan", "plan.yaml", "--probes", str(HEADGATE.parent / "../probes")).stdout
        self.assertIn("db", text)
        self.assertFalse(self.started.exists())

    def test_plan_says_from_where_and_to_where(self):
        probes = ["--probes", str(HEADGATE.parent / "../probes")]
        self.write("plan.yaml", PLAN.replace(" } }", " }, connect: { host: 127.0.0.1, port: 13306 } }") +
                   "from: { office: [10.2.0.0/24, \"2001:DB8:0::/48\"], datastream: 10.1.0.0/29 }\nvantage: tunnel\n")
        text = self.headgate("plan", "plan.yaml", *probes).stdout
        self.assertIn("  stands    at one end of a tunnel: servers see the other end's address\n", text)
        self.assertIn("  from      office 10.2.0.0/24, 2001:db8::/48\n", text)
        self.assertIn("            datastream 10.1.0.0/29 (the stream's, which fixes name)\n", text)
        self.assertIn("  dials     127.0.0.1, port 13306\n            (for host and port of the secret, which TLS and reports keep)\n", text)
        text = self.headgate("plan", "plan.yaml", "--vantage", "inside", *probes).stdout
        self.assertIn("  stands    inside the network\n", text)
        self.assertIn("  dials     host and port of the secret\n", text)

    def test_a_folder_without_checks(self):
        self.headgate("lint", "probes", status=2)

    def test_output_that_cannot_be_written(self):
        with open("/dev/full", "w", encoding="ascii") as full:
            for words in (["list"], ["explain", "mysql.binlog.format"], ["plan", "plan.yaml"],
                          ["run", "plan.yaml", "--probes", "probes"]):
                done = subprocess.run([str(HEADGATE), *words], cwd=self.dir, env=ENVIRONMENT, stdout=full,
                                      stderr=subprocess.DEVNULL, check=False)
                self.assertEqual(done.returncode, 70, words)


if __name__ == "__main__":
    unittest.main(argv=["test_cli"] + sys.argv[3:])
