#!/usr/bin/env python3
"""No password is ever in anything written, in an argument or in an environment: for right and wrong logins, broken
payloads and hostile servers, with secrets from files, variables and commands."""
import base64
import json
import os
import pathlib
import re
import resource
import signal
import subprocess
import sys
import tempfile
import time

import yaml

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from common import HEADGATE, Fleet, environment, main, need     # noqa: E402  pylint: disable=wrong-import-position
from hgfix import fakes, payloads, proc     # noqa: E402  pylint: disable=wrong-import-position

FORMATS = ("terminal", "junit", "junit:strict", "tap", "tap14", "json", "todo", "todo:mysql", "todo:postgres", "todo:mongodb",
           "todo:shell")
WRONG = "hgfix-wrong-marker-0123456789"
ENGINES = ("mysql", "postgres", "mongodb")


class Needles:
    """What must not be found: each password as it is, and inside base64 at any of its three alignments."""

    def __init__(self, passwords):
        self.needles = {}
        for name, password in passwords.items():
            raw = password.encode()
            self.needles[raw] = name
            for shift in range(3):
                text = base64.b64encode(b"x" * shift + raw)
                self.needles[text[4 if shift else 0:-4]] = f"{name} in base64"

    def found(self, data):
        return sorted({name for needle, name in self.needles.items() if needle in data})


class Room:
    """One headgate: its folder, its plan, what it writes. Secrets lie in a folder beside it, which is not searched."""

    def __init__(self, test, needles, fleet, name):
        self.test, self.needles, self.fleet, self.name = test, needles, fleet, name
        self.top = pathlib.Path(tempfile.mkdtemp(prefix="headgate-secrets-", dir=fleet.dir))
        self.dir, self.secrets = self.top / "room", self.top / "kept"
        self.dir.mkdir()
        self.secrets.mkdir(mode=0o700)
        # What a plan does not name is not headgate's to hide.
        self.env = {k: v for k, v in environment(fleet).items() if not k.startswith("AUDITOR_")}
        self.deadline = "5s"

    def secret(self, engine, text, how):
        """TEXT as a secret of the plan, held in a file, in the environment or printed by a command."""
        path = proc.write_private(self.secrets / f"{engine}-{len(list(self.secrets.iterdir()))}.json", text)
        if how == "env":
            variable = f"HG_SECRET_{path.stem.replace('-', '_').upper()}"
            self.env[variable] = text
            return {"env": variable}
        return {"file": str(path)} if how == "file" else {"command": ["cat", str(path)]}

    def plan(self, targets):
        document = {"headgate": 1, "name": self.name, "profile": ["datastream", "seed"], "prove": True,
                    "params": {"mongodb.oplog.window": "0s"}, "targets": targets}
        (self.dir / "plan.yaml").write_text(yaml.safe_dump(document, sort_keys=False), "utf-8")

    def target(self, engine, text, how, **more):
        return {"engine": engine, "secret": self.secret(engine, text, how), "tls": {"ca": str(self.fleet.ca)}, **more}

    def words(self, command="run"):
        reports = [w for f in FORMATS for w in ("--report", f"{f}={f.replace(':', '-')}")]
        return [str(HEADGATE), command, "plan.yaml", "--verbose", "--deadline", self.deadline,
                *(reports if command == "run" else ["-o", "facts"])]

    def run(self, command="run", strace=True):
        argv = self.words(command)
        if strace:
            argv = ["strace", "-f", "-e", "trace=execve", "-s", "10000", "-v", "-o", str(self.top / "trace"), *argv]
        done = subprocess.run(argv, cwd=self.dir, env=self.env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, timeout=120, check=False)
        (self.dir / f"{command}.out").write_bytes(done.stdout)
        (self.dir / f"{command}.err").write_bytes(done.stderr)
        if strace:
            self.executions(command)
        return done

    def executions(self, command):
        """Every program that was started but headgate itself, whose environment is the caller's."""
        lines = (self.top / "trace").read_bytes().split(b"\n")
        started = [line for line in lines if b"execve(" in line][1:]
        self.test.check(f"{self.name}: {command} starts probes, as strace shows",
                        any(b"headgate-probe-" in line for line in started), str(len(lines)))
        self.test.equal(f"{self.name}: passwords in arguments and environments of what {command} starts",
                        self.needles.found(b"\n".join(started)), [])

    def search(self):
        """Everything in the folder, names included."""
        count = 0
        for path in self.dir.rglob("*"):
            count += 1
            data = path.read_bytes() if path.is_file() else b""
            self.test.equal(f"{self.name}: passwords in {path.name}", self.needles.found(data + os.fsencode(path)), [])
        self.test.check(f"{self.name}: much was written", count >= len(FORMATS) + 3, str(count))

    def findings(self):
        return {(f["check"], f["target"]): f["verdict"]
                for f in json.loads((self.dir / "json").read_text("utf-8"))["findings"]}


def good_text(fleet, engine, password=None):
    document = fleet[engine].payload()
    text = json.dumps(document)
    return text.replace(fleet[engine].passwords["user"], password) if password else text


def logins(test, needles, fleet):
    """Right and wrong passwords, from everywhere they may come from."""
    for how in ("file", "env", "command"):
        for wrong in (None, WRONG):
            room = Room(test, needles, fleet, f"{'wrong' if wrong else 'right'} passwords from {how}")
            targets = {}
            for engine in ENGINES:
                auditor = room.secret(engine, json.dumps(fleet[engine].auditor_payload()), how)
                targets[engine] = room.target(engine, good_text(fleet, engine, wrong), how,
                                              auditor={"secret": auditor})
            room.plan(targets)
            done = room.run()
            test.check(f"{room.name}: it ran", done.returncode in ((1,) if wrong else (0, 1, 3)),
                       f"{done.returncode} {done.stderr[-500:]}")
            room.run("collect", strace=False)
            for engine in ENGINES:
                test.equal(f"{room.name}: the login of {engine}",
                           room.findings()[f"{engine}.connection.login", engine], "fail" if wrong else "pass")
            room.search()


def broken_payloads(test, needles, fleet):
    """Payloads that cannot be read, each with the password in the middle of the damage."""
    for name, damage in {
            "cut": lambda text: text[:-3],
            "comma": lambda text: text.replace("}", ",}"),
            "a list": lambda text: f"[{text}]",
            "a word": lambda text: text.strip("{}"),
            "twice": lambda text: text[:-1] + "," + text[1:],
            "a port that is none": lambda text: re.sub(r'"port": \d+', f'"port": "{WRONG}"', text),
            "no UTF-8": lambda text: text.replace("hgfix", "hgfix\udcff"),
    }.items():
        room = Room(test, needles, fleet, f"a payload that is {name}")
        targets = {}
        for engine in ENGINES:
            path = room.secrets / f"{engine}.json"
            path.write_bytes(damage(good_text(fleet, engine)).encode("utf-8", "surrogateescape"))
            targets[engine] = {"engine": engine, "secret": {"file": str(path)}}
        room.plan(targets)
        room.run(strace=False)
        room.run("collect", strace=False)
        room.search()


def broken_strings(test, needles, fleet):
    """MongoDB connection strings that libraries like to repeat in their messages."""
    server = fleet["mongodb"]
    password = server.passwords["user"]
    for number, uri in enumerate((f"mongodb://datastream_user:{password}@@127.0.0.1:{server.port}/programops_db",
                                  f"mongodb://datastream_user:{password}@127.0.0.1:notaport/programops_db",
                                  f"mongodb://datastream_user:{password}%zz@127.0.0.1:{server.port}/x",
                                  f"mongodb://{password}", f"http://u:{password}@127.0.0.1/",
                                  f"mongodb+srv://datastream_user:{password}@nowhere.invalid/programops_db")):
        room = Room(test, needles, fleet, f"connection string {number}")
        room.plan({"mongodb": room.target("mongodb", json.dumps({**server.payload(), "connection_string": uri}), "file")})
        room.run(strace=False)
        room.run("collect", strace=False)
        room.search()


def strangers(test, needles, fleet):
    """Servers that must not be trusted get no password, and what they say is not repeated with one in it."""
    makers = [m for name, m in fakes.FAKES.items() if "-" in name and "dribbles" not in name]
    for maker in makers:
        name = maker.__name__.replace("_", "-")
        engine = name.partition("-")[0]
        with maker() as fake:
            room = Room(test, needles, fleet, f"the fake server {name}")
            room.deadline = "1s"
            document = json.loads(good_text(fleet, engine).replace(str(fleet[engine].port), str(fake.port)))
            tls = {"tls": "off"} if name.endswith("reply") else {}      # those are for a connection without TLS
            room.plan({engine: {**room.target(engine, json.dumps(document), "file"), **tls}})
            room.run(strace=False)
            room.run("collect", strace=False)
            test.check(f"{name}: somebody called", fake.connections > 0)
            test.equal(f"passwords sent to {name}", needles.found(b"".join(fake.received)), [])
            test.check(f"{name}: the login did not pass",
                       room.findings()[f"{engine}.connection.login", engine] != "pass")
            room.search()


def children(pid):
    """PID and everything below it."""
    below, rest = [], [pid]
    while rest:
        one = rest.pop()
        below.append(one)
        try:
            for task in os.listdir(f"/proc/{one}/task"):
                rest += map(int, pathlib.Path(f"/proc/{one}/task/{task}/children").read_text("ascii").split())
        except OSError:
            pass
    return below


def processes(test, needles, fleet):
    """What /proc shows of headgate and its probes while they hold secrets; then a crash, which leaves no core."""
    with fakes.silent() as fake:
        room = Room(test, needles, fleet, "a look at /proc")
        targets = {}
        for engine, how in zip(ENGINES, ("env", "file", "command")):
            document = good_text(fleet, engine).replace(str(fleet[engine].port), str(fake.port))
            targets[engine] = room.target(engine, document, how)
        room.plan(targets)
        unlimited = lambda: resource.setrlimit(resource.RLIMIT_CORE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
        with open(room.dir / "run.out", "wb") as out, open(room.dir / "run.err", "wb") as err:
            child = subprocess.Popen(room.words(), cwd=room.dir, env=room.env, stdin=subprocess.DEVNULL, stdout=out,
                                     stderr=err, preexec_fn=unlimited)
            proc.wait_until("three probes have called", lambda: fake.connections >= 3, 20,
                            lambda: child.poll() is None)
            seen = children(child.pid)
            test.check("headgate and three probes run", len(seen) >= 4, str(seen))
            for pid in seen:
                look_at(test, needles, pid)
            for pid in seen[1:]:
                if proc.start_time(pid):        # the command that printed a secret is over
                    os.kill(pid, signal.SIGSEGV)
            child.wait(60)
        passed = [check for (check, _), verdict in room.findings().items()
                  if verdict == "pass" and ".secret." not in check]
        test.equal("what passes though every probe crashed before its login", passed, [])
        # A sanitizer catches the signal, says so on standard error, and ends by itself.
        test.check("a crash is told", re.search("the probe (crashed at stage|ended before it was done)",
                                                (room.dir / "json").read_text("utf-8")) is not None)
        test.equal("core files", [p.name for p in room.dir.glob("*core*")], [])
        room.search()


def look_at(test, needles, pid):
    if not proc.start_time(pid):
        return
    name = pathlib.Path(f"/proc/{pid}/comm").read_text("ascii").strip()
    for what in ("cmdline", "environ"):
        data = pathlib.Path(f"/proc/{pid}/{what}").read_bytes()
        test.equal(f"passwords in {name}'s /proc/PID/{what}", needles.found(data), [])
    if name.startswith("headgate-probe"):
        limits = pathlib.Path(f"/proc/{pid}/limits").read_text("ascii")
        test.check(f"{name} may dump no core", re.search(r"Max core file size +0 +0 ", limits) is not None, limits)
        names = {line.partition(b"=")[0] for line in pathlib.Path(f"/proc/{pid}/environ").read_bytes().split(b"\0")}
        test.equal(f"{name}'s environment", names - {b"", b"PATH", b"LANG", b"TZ", b"RES_OPTIONS",
                                                     b"MONGOC_DISABLE_SHM"}, set())


def body(test):
    need("strace")
    with Fleet("ready") as fleet:
        passwords = {f"{s.engine}'s {who}": p for s in fleet.servers.values() for who, p in s.passwords.items()}
        needles = Needles({**passwords, "the wrong one": WRONG})
        test.equal("the search finds what is there", needles.found(b"-" + WRONG.encode()), ["the wrong one"])
        for part in (logins, broken_payloads, broken_strings, strangers, processes):
            began = time.monotonic()
            part(test, needles, fleet)
            print(f"{part.__name__}: {time.monotonic() - began:.1f} s", flush=True)


if __name__ == "__main__":
    main(body)
