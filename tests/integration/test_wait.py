#!/usr/bin/env python3
"""--wait on real servers: one that is started while headgate waits, one that says itself that it is not ready, a proxy
without a server behind it, and passwords that are wrong, which are tried once whatever else happens."""
import json
import os
import pathlib
import pty
import select
import signal
import socket
import subprocess
import sys
import tempfile
import time

import yaml

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from common import HEADGATE, Fleet, environment, main, verdicts   # noqa: E402  pylint: disable=wrong-import-position
from hgfix import fakes, proc     # noqa: E402  pylint: disable=wrong-import-position

TARGETS = {"mysql": "contributor", "postgres": "qualityaudit", "mongodb": "programops"}


class Waiting:
    """A headgate that waits, with its progress on a terminal of its own."""

    def __init__(self, fleet, plan, *words):
        self.room = tempfile.TemporaryDirectory(prefix="headgate-wait-")
        self.report = pathlib.Path(self.room.name) / "run.json"
        self.master, slave = pty.openpty()
        self.child = subprocess.Popen([str(HEADGATE), "run", str(plan), "--wait", "60s", "--report", f"json={self.report}",
                                       *words], env=environment(fleet), stdin=subprocess.DEVNULL,
                                      stdout=subprocess.DEVNULL, stderr=slave)
        os.close(slave)
        self.said = ""

    def until(self, words, seconds=30):
        """Read the progress until it shows WORDS. False: it ended, or did not in time."""
        end = time.monotonic() + seconds
        while words not in self.said and time.monotonic() < end:
            if select.select([self.master], [], [], 0.2)[0]:
                try:
                    self.said += os.read(self.master, 65536).decode("utf-8", "replace")
                except OSError:
                    break
            elif self.child.poll() is not None:
                break
        return words in self.said

    def end(self):
        """(exit status, the run)"""
        self.until("\0never", 90)
        status = self.child.wait(10)
        os.close(self.master)
        run = json.loads(self.report.read_text("utf-8"))
        self.room.cleanup()
        return status, run


def plan_of(fleet, folder, engines, **changes):
    """The plan of the ready servers for some ENGINES, with CHANGES to each target."""
    plan = yaml.safe_load(fleet.plan("ready").read_text("utf-8"))
    plan["vantage"] = "inside"     # what is dialled instead is no tunnel
    plan["targets"] = {TARGETS[e]: {**plan["targets"][TARGETS[e]], **changes} for e in engines}
    plan["vantage"] = "inside"      # what is dialled here is no tunnel
    path = pathlib.Path(folder) / "plan.yaml"
    path.write_text(yaml.safe_dump(plan), "utf-8")
    return path


def target(run, engine):
    return next(t for t in run["targets"] if t["id"] == TARGETS[engine])


def opened(test, what, waiting, engines):
    """The gate opens, and who came late was tried again."""
    status, run = waiting.end()
    test.equal(f"{what}: exit status", status, 0)
    test.equal(f"{what}: what is not well", [k for k, v in verdicts(run).items() if v not in ("pass", "skip")], [])
    for engine in engines:
        late = target(run, engine)
        test.check(f"{what}: {engine} was tried again", late["attempts"] > 1 and not late["starting"], str(late))
        print(f"{what}: {engine}: {late['attempts']} attempts, {late['waited_ms']} ms", flush=True)


def started_late(test, fleet, engine):
    server = fleet[engine]
    server.stop()
    waiting = Waiting(fleet, fleet.plan("ready"))
    test.check(f"{engine}: it says that it waits", waiting.until(f"waiting for {TARGETS[engine]}: refused (attempt 2)"),
               waiting.said[-300:])
    server.start()
    opened(test, f"{engine} started late", waiting, [engine])


def wrong_password(test, fleet, folder, engine):
    """A server that comes up and refuses the login: that was the one attempt."""
    server = fleet[engine]
    payload = {**server.payload(), "password": "hgfix-not-the-password"}
    if engine == "mongodb":
        payload["connection_string"] = payload["connection_string"].replace(server.passwords["user"],
                                                                            "hgfix-not-the-password")
    secret = pathlib.Path(folder) / "wrong.json"
    secret.write_text(json.dumps(payload), "utf-8")
    plan = plan_of(fleet, folder, [engine], secret={"file": str(secret)}, auditor=None)
    plan.write_text(plan.read_text("utf-8").replace("    auditor: null\n", ""), "utf-8")
    server.stop()
    waiting = Waiting(fleet, plan)
    waiting.until("(attempt 1)")
    at = server.log.stat().st_size
    server.start()
    before = refused(server, engine, at)
    status, run = waiting.end()
    test.equal(f"{engine} with a wrong password: exit status", status, 1)
    test.equal(f"{engine} with a wrong password: the login", verdicts(run)[f"{engine}.connection.login", TARGETS[engine]],
               "fail")
    test.check(f"{engine} with a wrong password: it waited", target(run, engine)["attempts"] > 1)
    # Nothing else logs in wrongly; the server may have counted headgate's before we looked for the first time.
    count = refused(server, engine, at)
    test.check(f"{engine} with a wrong password: one login was refused", count == 1 and before <= 1, f"{before}, {count}")


def refused(server, engine, at):
    """How many logins the server has refused since it was started (its log was AT bytes long)."""
    if engine == "mysql":
        return int(server.sql("SHOW GLOBAL STATUS LIKE 'Aborted_connects'").split()[-1])
    text = server.log.read_bytes()[at:]
    return text.count(b"password authentication failed") if engine == "postgres" else sum(
        1 for line in text.splitlines() if line[:1] == b"{" and b'"Failed to authenticate"' in line)


def starting_postgres(test, fleet):
    """A standby that takes no sessions says 57P03, as a server in recovery does; then it is promoted."""
    server = fleet["postgres"]
    server.stop()
    proc.write_for_server(server.dir / "data/standby.signal", "")
    server.settings = {"hot_standby": "off"}
    server.write_settings()
    server.spawn()
    waiting = Waiting(fleet, fleet.plan("ready"))
    test.check("a PostgreSQL that starts: it says so", waiting.until("waiting for qualityaudit: starting (attempt 2)"),
               waiting.said[-300:])
    proc.write_for_server(server.dir / "data/promote", "")
    os.kill(server.daemon.pid, signal.SIGUSR1)
    opened(test, "a PostgreSQL that starts", waiting, ["postgres"])
    server.restart()


def without_primary(test, fleet):
    """A replica set without a primary: no login until there is one."""
    server = fleet["mongodb"]
    server.run_commands([{"database": "admin", "command": {"replSetStepDown": 600, "force": True}}])
    at = server.log.stat().st_size
    waiting = Waiting(fleet, fleet.plan("ready"))
    test.check("a set without a primary: it says so", waiting.until("waiting for programops: starting (attempt 2)"),
               waiting.said[-300:])
    logins = [line for line in server.log.read_bytes()[at:].splitlines() if b'"Successfully authenticated"' in line]
    test.equal("a set without a primary: no login meanwhile", [x for x in logins if b"datastream_user" in x], [])
    server.run_commands([{"database": "admin", "command": {"replSetFreeze": 0}}])
    opened(test, "a set without a primary", waiting, ["mongodb"])


def behind_a_proxy(test, fleet, folder, engine, name, *first):
    """Something answers in the server's place, and then the server does."""
    with fakes.in_front_of(fleet[engine].port, *first) as fake:
        plan = plan_of(fleet, folder, [engine], connect={"port": fake.port})
        opened(test, f"{engine} behind {name}", Waiting(fleet, plan), [engine])


def endpoint(test, fleet, folder):
    """An endpoint of a network target that listens late."""
    plan = pathlib.Path(folder) / "plan.yaml"
    with fakes.refusing() as fake:
        port = fake.port
        plan.write_text("headgate: 1\nname: an endpoint\ntargets:\n  programops:\n    engine: network\n"
                        f"    endpoints: {{ it: '127.0.0.1:{port}' }}\n", "utf-8")
        waiting = Waiting(fleet, plan)
        test.check("an endpoint: it says that it waits", waiting.until("waiting for programops: refused (attempt 2)"),
                   waiting.said[-300:])
    with socket.create_server(("127.0.0.1", port)):
        opened(test, "an endpoint", waiting, ["mongodb"])


def interrupted(test, fleet, folder):
    with fakes.refusing() as fake:
        waiting = Waiting(fleet, plan_of(fleet, folder, ["postgres"], connect={"port": fake.port}))
        waiting.until("(attempt 2)")
        waiting.child.send_signal(signal.SIGINT)
        status, run = waiting.end()
    test.equal("Ctrl-C while waiting: exit status", status, 130)
    test.equal("Ctrl-C while waiting: the run", (run["interrupted"], run["exit_status"]), (True, 130))
    test.equal("Ctrl-C while waiting: what is known so far",
               verdicts(run)["postgres.connection.reached", "qualityaudit"], "fail")


def body(test):
    with Fleet("ready") as fleet, tempfile.TemporaryDirectory(prefix="headgate-wait-") as folder:
        for engine in TARGETS:
            started_late(test, fleet, engine)
            wrong_password(test, fleet, folder, engine)
            behind_a_proxy(test, fleet, folder, engine, "a proxy that hangs up", fakes.hang_up, fakes.hang_up)
        behind_a_proxy(test, fleet, folder, "mysql", "one that is stopped", fakes.mysql_stopping, fakes.mysql_stopping)
        starting_postgres(test, fleet)
        without_primary(test, fleet)
        endpoint(test, fleet, folder)
        interrupted(test, fleet, folder)


if __name__ == "__main__":
    main(body)
