#!/usr/bin/env python3
"""--wait: which ends of a connection are tried again, how often, what is told of it, and what is never tried twice.
The probes are scripts that say what the n-th attempt finds."""
import json
import os
import signal
import subprocess
import sys
import time
import unittest

from test_cli import EVERY, HEADGATE, PLAN, Case

TWO = PLAN + "  other: { engine: mongodb, secret: { file: secret.json } }\n"


def end(stage, outcome, engine="mysql", what="connection"):
    return json.dumps({"key": f"{engine}.{what}", "state": "known", "value": {"stage": stage, "outcome": outcome,
                                                                             "code": "", "message": "", "ms": 1}})


def script(*attempts, request=False):
    """A probe: the n-th attempt prints the n-th of ATTEMPTS (lists of lines), those after it the last. It counts itself
    in the file `count` and keeps its requests in `requests`."""
    text = '#!/bin/sh\nd="${0%/*}"; e="${0##*-}"\necho x >>"$d/count-$e"\n'
    text += 'r=$(cat); printf "%s\\n" "$r" >>"$d/requests"\n' if request else ""
    text += 'n=$(wc -l <"$d/count-$e")\ncase $n in\n'
    for i, lines in enumerate(attempts):
        which = "*" if i + 1 == len(attempts) else str(i + 1)
        said = [line if line.startswith("{") else json.dumps({"stage": line}) for line in [*lines, '{"done":true}']]
        text += f"{which})\ncat <<'END'\n" + "\n".join(said) + "\nEND\n;;\n"
    return text + "esac\n"


REFUSED = ["connect", end("connect", "refused")]
READY = ["connect", "auth", "ready", end("ready", "ok")]


class Wait(Case):
    def attempts(self, engine="mysql"):
        path = self.dir / f"probes/count-{engine}"
        return len(path.read_text("ascii").splitlines()) if path.exists() else 0

    def probe_of(self, engine, text):
        self.write(f"probes/headgate-probe-{engine}", text)
        os.chmod(self.dir / f"probes/headgate-probe-{engine}", 0o755)

    def examined(self, *words, status=3):
        """The run's targets by id."""
        self.said = self.run_plan("--report", "json=run.json", *words, status=status).stderr
        return {t["id"]: t for t in json.loads((self.dir / "run.json").read_text("utf-8"))["targets"]}

    def test_a_server_that_comes_up(self):
        self.probe(script(REFUSED, REFUSED, READY))
        target = self.examined("--wait", "60s", "--report", "terminal=t", "--report", "junit=j")["db"]
        self.assertEqual((target["attempts"], target["starting"]), (3, False))
        self.assertGreaterEqual(target["waited_ms"], 750)
        self.assertEqual(self.said.count("headgate: waiting for db: refused\n"), 1)      # for a log that nobody watches
        said = (self.dir / "t").read_text("utf-8")
        self.assertRegex(" ".join(said.split()), r"ready after 3 attempts, \d+\.\d s")
        self.assertRegex((self.dir / "j").read_text("utf-8"), r"value=\"db: mysql, ready after 3 attempts, \d+\.\d s\"")

    def test_without_wait_nothing_is_tried_again(self):
        self.probe(script(REFUSED, READY))
        target = self.examined()["db"]
        self.assertEqual((target["attempts"], target["waited_ms"], target["starting"]), (1, 0, True))
        self.assertEqual(self.attempts(), 1)

    def test_quiet_is_quiet(self):
        self.probe(script(REFUSED, READY))
        self.examined("--wait", "60s", "--quiet")
        self.assertEqual(self.said, "")

    def test_one_that_never_comes_is_tried_for_so_long_and_told(self):
        self.probe(script(REFUSED))
        began = time.monotonic()
        target = self.examined("--wait", "1s", "--report", "terminal=t")["db"]
        self.assertGreaterEqual(time.monotonic() - began, 1)
        self.assertEqual((target["attempts"], target["starting"]), (self.attempts(), True))
        self.assertGreaterEqual(target["attempts"], 3)
        self.assertRegex(" ".join((self.dir / "t").read_text("utf-8").split()), r"not ready after \d+ attempts, 1\.\d s")

    def test_what_is_tried_again(self):
        """The whole list; each is followed by a server that is ready."""
        for lines in (REFUSED, ["connect", end("connect", "timeout")], ["dns", end("dns", "name-not-found")],
                      ["dns", end("dns", "timeout")], ["connect", end("connect", "reset")],
                      ["greeting", end("greeting", "reset")], ["tls", end("tls", "reset")],
                      ["auth", end("auth", "starting")], ["greeting", end("greeting", "starting")],
                      ["secret", end("secret", "not-attempted"), end("connect", "refused", what="auditor")],
                      [end("connect", "refused"), end("connect", "refused", what="auditor")]):
            with self.subTest(lines):
                (self.dir / "probes/count-mysql").unlink(missing_ok=True)
                self.probe(script(lines, READY))
                self.examined("--wait", "30s")
                self.assertEqual(self.attempts(), 2)

    def test_what_is_never_tried_again(self):
        """Above all no login: wrong passwords lock accounts."""
        for lines in (["auth", end("auth", "login-refused")], ["auth", end("auth", "reset")],
                      ["auth", end("auth", "timeout")], ["tls", end("tls", "timeout")],
                      ["tls", end("tls", "tls-failed")], ["tls", end("tls", "tls-refused")],
                      ["greeting", "tls", end("tls", "reset")], ["greeting", end("greeting", "timeout")],
                      ["greeting", end("greeting", "protocol")], ["greeting", end("greeting", "host-blocked")],
                      ["auth", end("auth", "too-many-connections")], ["connect", end("connect", "unreachable")],
                      ["connect", end("connect", "local")], ["secret", end("secret", "not-attempted")],
                      ["ready", end("ready", "ok")], ["auth", end("auth", "no-database")],
                      ["connect", end("connect", "refused"), end("auth", "login-refused", what="auditor")],
                      ["connect", end("connect", "refused"), end("ready", "ok", what="auditor")],
                      ["auth", end("auth", "login-refused"), end("connect", "refused", what="auditor")],
                      ["connect"], []):
            with self.subTest(lines):
                (self.dir / "probes/count-mysql").unlink(missing_ok=True)
                self.probe(script(lines, READY))
                self.examined("--wait", "30s")
                self.assertEqual(self.attempts(), 1)

    def test_a_login_that_is_refused_after_a_wait_is_the_last(self):
        self.probe(script(REFUSED, REFUSED, ["auth", end("auth", "login-refused")], READY))
        self.assertEqual(self.examined("--wait", "60s")["db"]["attempts"], 3)
        self.assertEqual(self.attempts(), 3)

    def test_trouble_of_ours_and_crashes_are_not_waited_for(self):
        for lines, status in ([*REFUSED, '{"fault":"no free local port"}'], 70), (["rubbish {"], 3):
            with self.subTest(lines):
                (self.dir / "probes/count-mysql").unlink(missing_ok=True)
                self.probe(script(lines, READY).replace('{"stage": "rubbish {"}', "rubbish"))
                self.examined("--wait", "30s", status=status)
                self.assertEqual(self.attempts(), 1)

    def test_a_connection_that_is_cut_off_by_the_deadline(self):
        self.probe(script(["connect"], READY).replace("1)\ncat", "1) echo '{\"stage\":\"connect\"}'; exec sleep 1000\ncat"))
        self.assertEqual(self.examined("--wait", "30s", "--deadline", "300ms")["db"]["attempts"], 2)

    def test_nothing_of_an_earlier_attempt_is_kept(self):
        settings = '{"key":"mysql.settings","state":"known","value":{"log_bin":"ON"}}'
        self.probe(script([*REFUSED, settings], READY))
        self.run_plan("--wait", "60s", "--report", "json=run.json", status=3)
        findings = {f["check"]: f["verdict"] for f in json.loads((self.dir / "run.json").read_text("utf-8"))["findings"]}
        self.assertEqual(findings["mysql.binlog.enabled"], "unknown")

    def test_others_are_not_held_up(self):
        self.write("plan.yaml", TWO)
        self.probe(script(REFUSED))
        self.probe_of("mongodb", script(["ready", end("ready", "ok", "mongodb")]))
        child = self.start("--wait", "60s", "--jobs", "1", stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.wait_for(lambda: self.attempts("mongodb") == 1 and self.attempts() >= 3)
        child.send_signal(signal.SIGINT)
        self.assertEqual(child.wait(30), 130)
        self.assertEqual(self.attempts("mongodb"), 1)

    def test_ctrl_c_while_waiting(self):
        self.probe(script(REFUSED))
        child = self.start("--wait", "1h", *EVERY, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.wait_for(lambda: self.attempts() >= 2)
        began = time.monotonic()
        child.send_signal(signal.SIGINT)
        self.assertEqual(child.wait(30), 130)
        self.assertLess(time.monotonic() - began, 10)
        run = json.loads((self.dir / "json").read_text("utf-8"))
        self.assertTrue(run["interrupted"])
        self.assertGreaterEqual(run["targets"][0]["attempts"], 2)

    def test_the_probe_is_told_that_another_attempt_may_follow(self):
        self.probe(script(REFUSED, request=True))
        self.examined("--wait", "1s")
        asked = [json.loads(line).get("wait", False)
                 for line in (self.dir / "probes/requests").read_text("utf-8").splitlines() if line]
        self.assertEqual(asked, [True] * (len(asked) - 1) + [False])
        self.assertGreater(len(asked), 2)

    def test_collect_and_judge_are_run(self):
        self.probe(script(REFUSED, READY))
        self.headgate("collect", "plan.yaml", "--probes", "probes", "--wait", "60s", "-o", "facts")
        self.headgate("judge", "plan.yaml", "--facts", "facts", "--report", "json=run.json", status=3)
        target = json.loads((self.dir / "run.json").read_text("utf-8"))["targets"][0]
        self.assertEqual((target["attempts"], target["starting"]), (2, False))
        self.assertGreaterEqual(target["waited_ms"], 250)

    def test_a_secret_that_can_be_read_once_is_refused(self):
        os.mkfifo(self.dir / "pipe")
        self.write("plan.yaml", PLAN.replace("secret.json", "pipe"))
        self.probe(script(REFUSED))
        done = self.run_plan("--wait", "1s", status=2)
        self.assertIn("is no regular file, and --wait may have to read it again", done.stderr)
        self.assertEqual(self.attempts(), 0)

    def test_a_variable_and_a_command_give_it_each_time(self):
        for secret, env in ("{ env: HG_CLI_SECRET }", {"HG_CLI_SECRET": "a-payload"}), (
                "{ command: [echo, a-payload] }", {}):
            with self.subTest(secret):
                (self.dir / "probes/count-mysql").unlink(missing_ok=True)
                (self.dir / "probes/payloads").unlink(missing_ok=True)
                self.write("plan.yaml", PLAN.replace("{ file: secret.json }", secret))
                text = script(REFUSED, READY).replace("\ncase", '\ncat <&3 >>"$d/payloads"; echo >>"$d/payloads"\ncase')
                self.probe(text)
                self.run_plan("--wait", "30s", env=env, status=3)
                self.assertEqual((self.dir / "probes/payloads").read_text("ascii").split(), ["a-payload"] * 2)

    def test_a_duration_is_wanted(self):
        self.assertIn("--wait `soon` is not a duration", self.run_plan("--wait", "soon", status=2).stderr)
        self.headgate("judge", "plan.yaml", "--facts", "f", "--wait", "1s", status=2)


if __name__ == "__main__":
    assert HEADGATE.exists()
    unittest.main(argv=["test_wait"] + sys.argv[3:])
