#!/usr/bin/env python3
"""Probe programs that crash, babble, hang, lie or are missing: what they did not say becomes unknown, with that reason;
nothing passes by it, no other target notices, and nothing of them stays behind."""
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time

HEADGATE, ROOT = pathlib.Path(sys.argv[1]).resolve(), pathlib.Path(sys.argv[2]).resolve()
DEADLINE = 1.5
PLAN = """\
headgate: 1
name: one probe misbehaves
targets:
  bad: { engine: mysql, secret: { file: secret.json } }
  good: { engine: mongodb, secret: { file: secret.json } }
"""
SECRET = {"hostname": "127.0.0.1", "port": 1, "username": "u", "password": "hgfix-marker", "database": "d",
          "connection_string": "mongodb://u:hgfix-marker@127.0.0.1:1/d?replicaSet=rs0"}
GOOD = """\
#!/bin/sh
cat <<'END'
{"key":"secret.payload","state":"known","value":{"host":"127.0.0.1","port":1,"username":"u","database":"d","fields":["username"],"placeholders":[],"missing":[],"disagreements":[]}}
{"key":"mongodb.connection","state":"known","value":{"stage":"ready","outcome":"ok","code":"","message":"","ms":4}}
{"key":"mongodb.hello","state":"known","value":{"set_name":"rs0","primary":true,"kind":"replica-set"}}
{"done":true}
END
"""
# What a probe says that gets as far as its settings.
HALF = """\
{"stage":"auth"}
{"key":"secret.payload","state":"known","value":{"host":"127.0.0.1","port":1,"username":"u","database":"d","fields":["username"],"placeholders":[],"missing":[],"disagreements":[]}}
{"key":"mysql.connection","state":"known","value":{"stage":"ready","outcome":"ok","code":"","message":"","ms":4}}
{"key":"mysql.server","state":"known","value":{"flavour":"mysql","version":"9.7.0","provider":"self"}}
{"stage":"settings"}
{"key":"mysql.settings","state":"known","value":{"log_bin":"ON","binlog_format":"STATEMENT","binlog_row_image":"FULL"}}
"""
SAY_HALF = f"cat <<'END'\n{HALF}END\n"
PRINTED = "the probe printed something that is no fact"
TOO_MUCH = "the probe printed more than is allowed"
STAGE = 'echo \'{"stage":"tls"}\'\n'

# name: (script, what every unknown finding of the target says, seconds it may take)
SCRIPTS = {
    "crashes": (STAGE + "kill -SEGV $$\n", "the probe crashed at stage tls (Segmentation fault)", 1),
    "aborts at once": ("kill -ABRT $$\n", "the probe crashed at stage start (Aborted)", 1),
    "ends too early": (STAGE + "exit 7\n", "the probe ended before it was done (exit status 7)", 1),
    "says nothing": ("exit 0\n", "the probe ended before it was done (exit status 0)", 1),
    "is done without a fact": ("echo '{\"done\":true}'\n", "the probe did not report it", 1),
    "prints words": ("echo hello\n", PRINTED, 1),
    "prints a list": ("echo '[1]'\n", PRINTED, 1),
    "prints an empty line": ("echo\n", PRINTED, 1),
    "prints what is not UTF-8": ("printf '{\"stage\":\"\\377\"}\\n'\n", PRINTED, 1),
    "prints NUL bytes": ("head -c 100 /dev/zero\necho\n", PRINTED, 1),
    "prints a key twice in one line": ('echo \'{"stage":"a","stage":"b"}\'\n', PRINTED, 1),
    "prints a state that is none": ('echo \'{"key":"mysql.settings","state":"perhaps"}\'\n', PRINTED, 1),
    "prints a fact without a value": ('echo \'{"key":"mysql.settings","state":"known"}\'\n', PRINTED, 1),
    "prints a deep value": ("printf '{\"key\":\"mysql.settings\",\"state\":\"known\",\"value\":'\n"
                            "head -c 100000 /dev/zero | tr '\\000' '['\necho\n", PRINTED, 1),
    "prints one line without end": ("tr '\\000' 'x' </dev/zero\n", TOO_MUCH, 2),
    "prints stages without end": ("yes '{\"stage\":\"tls\"}'\n", TOO_MUCH, 2),
    "hangs": (STAGE + "exec sleep 1000\n", "no answer within 1500 ms, at stage tls", DEADLINE + 1),
    "hangs and will not be told": ("trap '' TERM INT HUP\n" + STAGE + "while :; do sleep 1000; done\n",
                                   "no answer within 1500 ms, at stage tls", DEADLINE + 1),
    "leaves a child that holds its output": (STAGE + "sleep 1000 &\nexit 0\n", "", DEADLINE + 1),
    "closes its output and stays": ("exec 1>&-\nexec sleep 1000\n", "the probe ended before it was done", 2),
    "complains without end": ("yes complaint >&2\n", "no answer within 1500 ms, at stage start", DEADLINE + 1),
    "cannot be run": (None, "headgate-probe-mysql", 1),
}


class Room:
    def __init__(self, folder):
        self.dir = pathlib.Path(folder)
        (self.dir / "probes").mkdir()
        (self.dir / "plan.yaml").write_text(PLAN, "utf-8")
        (self.dir / "secret.json").write_text(json.dumps(SECRET), "utf-8")
        self.probe("mongodb", GOOD)

    def probe(self, engine, text):
        path = self.dir / "probes" / f"headgate-probe-{engine}"
        path.write_text(text, "utf-8")
        os.chmod(path, 0o755)

    def run(self, *words, program=HEADGATE):
        """(exit status, the run document, seconds, standard error)"""
        began = time.monotonic()
        done = subprocess.run([str(program), "run", "plan.yaml", "--probes", "probes", "--deadline",
                               f"{int(DEADLINE * 1000)}ms", "--checks", str(ROOT / "checks"), "--report", "json=run.json",
                               *words], cwd=self.dir, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, timeout=60, check=False)
        took = time.monotonic() - began
        document = json.loads((self.dir / "run.json").read_text("utf-8"))
        return done.returncode, document, took, done.stderr


def of(run, target):
    return [f for f in run["findings"] if f["target"] == target]


class Test:
    def __init__(self, room):
        self.room, self.asked, self.wrong = room, 0, 0
        room.probe("mysql", "#!/bin/sh\necho '{\"done\":true}'\n")
        self.good = of(room.run()[1], "good")
        self.check("the good target is judged", {"pass", "unknown"} <= {f["verdict"] for f in self.good})

    def check(self, what, good, said=""):
        self.asked += 1
        if not good:
            self.wrong += 1
            print(f"NOT SO: {what}: {str(said)[:600]}", flush=True)

    def unscathed(self, name, run):
        self.check(f"{name}: the other target's findings are as without it", of(run, "good") == self.good)
        self.check(f"{name}: no error of headgate's", [t["errors"] for t in run["targets"]] == [[], []],
                   run["targets"])

    def script(self, name, script, reason, limit):
        marker = f"{os.getpid()}.{name.replace(' ', '-')}"
        # The interpreter's line makes every process of this probe findable by its working folder's name.
        self.room.probe("mysql", "not a program\n" if script is None else f"#!/bin/sh\n# {marker}\n{script}")
        if script is None:
            os.chmod(self.room.dir / "probes/headgate-probe-mysql", 0o755)
        status, run, took, _ = self.room.run()
        bad = of(run, "bad")
        self.check(f"{name}: exit status 3", status == 3 or script is None, status)
        self.check(f"{name}: the exit status of the document", run["exit_status"] == status, run["exit_status"])
        # Machines are shared: the figure is printed, and only a run that was not ended at all fails.
        print(f"    {name}: {took:.3f} s, {limit} s thought of")
        self.check(f"{name}: ended by the deadline, not by the script", took <= limit + 20, took)
        self.check(f"{name}: nothing passes", not [f["check"] for f in bad if f["verdict"] == "pass"],
                   [f["check"] for f in bad if f["verdict"] == "pass"])
        self.check(f"{name}: something is unknown", any(f["verdict"] == "unknown" for f in bad))
        causes = [f for f in bad if f["verdict"] == "unknown" and not f.get("waits_on")]
        self.check(f"{name}: it says why", causes and all(reason in f["sentence"] for f in causes),
                   [f["sentence"] for f in causes])
        if script is not None:
            self.unscathed(name, run)
        self.alone(name)

    def alone(self, name):
        """No process of a probe is left: all of them have the room as their folder."""
        left = []
        for pid in filter(str.isdigit, os.listdir("/proc")):
            try:
                if os.readlink(f"/proc/{pid}/cwd") == str(self.room.dir.resolve()):
                    left.append(pathlib.Path(f"/proc/{pid}/cmdline").read_bytes())
            except OSError:
                pass
        self.check(f"{name}: no process is left", not left, left)

    def half(self):
        """What came before a probe hung, crashed or babbled is kept and judged."""
        for name, end, status in (("hangs", "exec sleep 1000\n", 1), ("crashes", "kill -SEGV $$\n", 1),
                                  ("babbles", "echo rubbish\n", 1)):
            self.room.probe("mysql", "#!/bin/sh\n" + SAY_HALF + end)
            got, run, _, _ = self.room.run()
            verdicts = {f["check"]: f["verdict"] for f in of(run, "bad")}
            wanted = {"mysql.binlog.enabled": "pass", "mysql.binlog.format": "fail", "mysql.binlog.row-image": "pass",
                      "mysql.grant.select": "unknown"}
            found = {check: verdicts.get(check) for check in wanted}
            self.check(f"half the facts, then it {name}", found == wanted and got == status, f"{got} {found}")
            self.unscathed(f"half the facts, then it {name}", run)

    def fault(self):
        """Trouble of the probe's own is an error of headgate's, exit status 70."""
        self.room.probe("mysql", "#!/bin/sh\necho '{\"fault\":\"no free local port\"}'\necho '{\"done\":true}'\n")
        status, run, _, _ = self.room.run()
        self.check("a fault is exit status 70", status == 70, status)
        self.check("a fault is told", "no free local port" in json.dumps(run["targets"]), run["targets"])
        self.check("a fault of one target leaves the other", of(run, "good") == self.good)

    def missing(self):
        """A headgate without the program of an engine says so."""
        (self.room.dir / "bin").mkdir()
        program = self.room.dir / "bin/headgate"
        shutil.copy2(HEADGATE, program)
        (self.room.dir / "probes/headgate-probe-mysql").unlink()
        status, run, _, _ = self.room.run(program=program)
        causes = [f for f in of(run, "bad") if f["verdict"] == "unknown" and not f.get("waits_on")]
        self.check("a missing probe is exit status 3", status == 3, status)
        self.check("a missing probe is named", causes and all(
            "there is no probe for mysql: install headgate-probe-mysql" in f["sentence"] for f in causes),
            [f["sentence"] for f in causes])
        self.unscathed("a missing probe", run)

    def hostile(self):
        """What a probe says on standard error is shown without control characters, and in measure."""
        self.room.probe("mysql", "#!/bin/sh\nprintf '\\033[31mred\\033[0m\\007' >&2\nhead -c 1000000 /dev/zero | "
                                 "tr '\\000' 'y' >&2\necho '{\"done\":true}'\n")
        status, _, _, err = self.room.run("--verbose")
        self.check("diagnostics: exit status", status == 3, status)
        self.check("diagnostics: no control character", b"\033" not in err and b"\007" not in err, err[:300])
        self.check("diagnostics: in measure", len(err) < 70000, len(err))

    def many(self):
        """Nine probes that hang cost one deadline, not nine; with one job they take their turns."""
        self.room.probe("mysql", "#!/bin/sh\nexec sleep 1000\n")
        plan = self.room.dir / "plan.yaml"
        plan.write_text(PLAN + "".join(f"  bad{n}: {{ engine: mysql, secret: {{ file: secret.json }} }}\n"
                                       for n in range(8)), "utf-8")
        _, run, took, _ = self.room.run()
        print(f"nine silent probes with a deadline of {DEADLINE} s: {took:.3f} s")
        self.check("nine silent probes cost one deadline", took < DEADLINE + 1, took)
        self.check("nine silent probes leave the other", of(run, "good") == self.good)
        _, run, took, _ = self.room.run("--jobs", "1", "--target", "bad", "--target", "bad0")
        self.check("with one job each has its deadline", 2 * DEADLINE <= took < 2 * DEADLINE + 1, took)
        self.room.probe("mysql", "#!/bin/sh\nexec 1>&-\nexec sleep 1000\n")
        plan.write_text(PLAN + "".join(f"  bad{n}: {{ engine: mysql, secret: {{ file: secret.json }} }}\n"
                                       for n in range(39)), "utf-8")
        _, run, took, _ = self.room.run("--jobs", "64")
        print(f"forty probes that closed their output and stay: {took:.3f} s")
        self.check("forty probes that stay have their moment side by side", took < 2.5, took)
        self.check("forty probes that stay leave the other", of(run, "good") == self.good)
        plan.write_text(PLAN, "utf-8")


def main():
    with tempfile.TemporaryDirectory(prefix="headgate-faults-") as folder:
        test = Test(Room(folder))
        for name, (script, reason, limit) in SCRIPTS.items():
            test.script(name, script, reason, limit)
        for part in (test.half, test.fault, test.hostile, test.many, test.missing):
            part()
        print(f"{test.asked} questions, {test.wrong} wrong answers")
        return 1 if test.wrong else 0


if __name__ == "__main__":
    sys.exit(main())
