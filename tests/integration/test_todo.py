#!/usr/bin/python3
"""Tonight's list, done to the letter: from the seed document's servers to an open gate, and each planted defect mended.

Each round runs headgate, gives the scripts of its list (`todo:mysql`, `todo:postgres`, `todo:mongodb`) to the servers' own clients, changes
settings files by the lines that stand there, and restarts where it says so. Only what the list leaves to a person is filled
in here: <...>, passwords, and the real values in secrets. JavaScript runs in mongosh where there is one, else in hgfix.mongojs.

Usage: test_todo.py HEADGATE SOURCE          the seed's servers
       test_todo.py HEADGATE SOURCE ENGINE   each planted defect of an engine
"""
import json
import os
import pathlib
import pty
import re
import select
import shutil
import subprocess
import sys
import tempfile

import yaml

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from common import Fleet, headgate, main    # noqa: E402  pylint: disable=wrong-import-position
from hgfix import mongojs, payloads, proc, variants     # noqa: E402  pylint: disable=wrong-import-position
from hgfix.merge import merge   # noqa: E402  pylint: disable=wrong-import-position

ROUNDS = 6
SIGNS = {"mysql": "-- ", "postgres": "-- ", "mongodb": "// "}
RANGES = {"mysql": "'127.0.0.%'", "postgres": "127.0.0.0/8"}
MONGOSH = os.environ.get("MONGOSH") or shutil.which("mongosh")


class Round:
    """One list, done on one target."""

    def __init__(self, fleet, engine, text, optional=False, password=None):
        self.server, self.engine, self.sign = fleet[engine], engine, SIGNS[engine]
        self.password = password or self.server.passwords["user"]
        self.files, self.restart, self.afterwards = [], False, []
        self.script = self.read(text, optional)

    def fill(self, text):
        known = {"'the password of the secret'": f"'{self.password}'",
                 "'host'": "'127.0.0.%'", "host:port as clients reach it": f"127.0.0.1:{self.server.port}"}
        # What a number should be above: one more.
        text = re.sub(r"<a number above (\d+)>", lambda m: str(int(m[1]) + 5), text)
        text = re.sub(r"<source range[^<>]*>", lambda m: RANGES[self.engine], text)
        return re.sub(r"<([^<> ][^<>]*)>", lambda m: known[m[1]], text)

    def read(self, text, optional):
        """The script with what the list leaves to a person done."""
        lines, mode, closes = [], None, True
        for line in text.split("\n"):
            if re.match(re.escape(self.sign) + r"\d+\. [A-Z]+ ", line):
                closes = "(optional: it closes nothing)" not in line
            bare = line[len(self.sign):] if line.startswith(self.sign) else None
            if line.startswith(self.sign.rstrip() + " " * 9) and line[11:12].strip():
                if closes or optional:
                    self.files.append(self.fill(line[11:]))     # a line of a settings file
            elif bare is not None and bare.startswith("All of this works after a restart"):
                self.restart = True
            elif bare is not None and bare.strip().startswith("fill in what stands in <...>, then"):
                mode = "fill"
            elif bare is not None and bare.strip().startswith("optional; take"):
                mode = "optional"
            elif bare is not None and bare.strip().startswith("this cannot be undone; take"):
                mode = "fill"
            elif bare is not None and bare.strip().startswith("when the server has restarted; take"):
                mode = "afterwards"
            elif bare is not None and not bare.startswith(" ") and mode:
                self.take(lines, mode, self.fill(bare), optional)
            else:
                mode = None if bare is None or bare.startswith(" ") else mode
                lines.append(line)
        return "\n".join(lines)

    def take(self, lines, mode, statement, optional):
        if mode == "afterwards":
            self.afterwards.append(statement)
        elif mode == "fill" or optional:
            lines.append(statement)

    # ---- doing it

    def run(self):
        """Files, script, restart, and what comes after; returns what a client said, '' when all went well."""
        self.write_files()
        said = self.client(self.script)
        if self.restart:
            self.server.restart(self.server.settings)
        if self.afterwards and not said:
            said = self.client("\n".join(self.afterwards))
        return said

    def client(self, script):
        if self.engine == "mongodb":
            return self.mongosh(script) if MONGOSH else self.mongojs(script)
        argv = {"mysql": self.server.client, "postgres": self.server.client}[self.engine]()
        environment = proc.clean_environment() if self.engine == "mysql" else self.server.client_environment()
        if self.engine == "postgres":
            argv = [a for a in argv if "ON_ERROR_STOP" not in str(a) and a != "-v"] + ["-f", "-"]
        done = subprocess.run([str(a) for a in argv], input=script, env=environment, text=True, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, timeout=60, check=False)
        failed = done.returncode != 0 or "ERROR" in done.stdout
        return done.stdout if failed else ""

    def mongojs(self, script):
        who = "admin" if self.server.bootstrapped else None
        try:
            with self.server.client(who) as client:
                mongojs.run(client, script, lambda: self.password)
        except Exception as error:      # pylint: disable=broad-except
            return f"{type(error).__name__}: {error}"
        return ""

    def mongosh(self, script):
        """A real shell on a terminal of its own, which types the password when it is asked for."""
        server = self.server
        path = proc.write_private(server.secrets / "todo.js", script)
        argv = [MONGOSH, "--quiet", "--host", "127.0.0.1", "--port", str(server.port), "--tls", "--tlsCAFile", str(server.fleet.ca),
                "--username", "fixture_admin", "--authenticationDatabase", "admin", "--file", str(path)]
        master, slave = pty.openpty()
        with tempfile.TemporaryDirectory() as home:
            child = subprocess.Popen(argv, stdin=slave, stdout=slave, stderr=slave, env=dict(os.environ, HOME=home, TERM="dumb"), start_new_session=True)
            os.close(slave)
            said = self.talk(master, child, [server.passwords["admin"]] + [self.password] * 9)
        path.unlink()
        for password in server.passwords.values():
            said = said.replace(password, "***")
        return said if child.returncode else ""

    @staticmethod
    def talk(master, child, answers):
        said, asked = "", 0
        while True:
            ready, _, _ = select.select([master], [], [], 30)
            try:
                piece = os.read(master, 4096) if ready else b""
            except OSError:
                piece = b""
            if not piece:
                break
            said += piece.decode("utf-8", "replace")
            while asked < len(answers) and said.count("Enter password") > asked:
                os.write(master, answers[asked].encode() + b"\r")
                asked += 1
        try:
            child.wait(30)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()
        os.close(master)
        return said

    def write_files(self):
        if self.files:
            getattr(self, f"write_{self.engine}")()

    def write_mysql(self):
        pairs = [line.split("#")[0].strip().partition("=") for line in self.files if not line.startswith("[")]
        self.server.settings.update({name: value for name, _, value in pairs})

    def write_mongodb(self):
        for text in "\n".join(self.files).split("\n\n"):
            self.server.settings = merge(self.server.settings, yaml.safe_load(text))

    def write_postgres(self):
        """pg_hba.conf: lines above those that are there; remarks say which go and which change."""
        path = self.server.dir / "data/pg_hba.conf"
        old = dict(enumerate(path.read_text("utf-8").split("\n"), 1))
        new = [line for line in self.files if not line.startswith("#")]
        for line in self.files:
            if gone := re.match(r"# take out .*line (\d+)", line):
                old.pop(int(gone[1]), None)
            if gone := re.match(r"# write (\S+) instead of (\S+) in .*line (\d+)", line):
                if int(gone[3]) in old:
                    old[int(gone[3])] = old[int(gone[3])].replace(gone[2], gone[1])
            if line.startswith("# take out the line for replication"):
                old = {n: t for n, t in old.items() if not ("replication" in t and payloads.USER in t)}
        proc.write_for_server(path, "\n".join(new + list(old.values())) + "\n")
        self.server.write_hba = lambda: None        # a restart keeps the file


def look(fleet, plan, folder):
    """The run as a document, and its lists."""
    words = ["run", plan, "--report", f"json={folder}/run.json"]
    for form in ("todo", *(f"todo:{engine}" for engine in SIGNS), "todo:shell"):
        words += ["--report", f"{form}={folder}/{form.replace(':', '-')}"]
    headgate(*words, fleet=fleet, status=(0, 1, 3))
    run = json.loads((folder / "run.json").read_text("utf-8"))
    lists = {engine: (folder / f"todo-{engine}").read_text("utf-8") for engine in SIGNS}
    return run, lists, (folder / "todo").read_text("utf-8")


def troubles(run):
    return {f"{f['check']} {f['verdict']}" for f in run["findings"] if f["verdict"] in ("fail", "unknown") and not f.get("waits_on")}


def fill_secrets(fleet, run):
    """What platform has to do: the real values into the secrets that are placeholders."""
    for f in run["findings"]:
        if f["verdict"] == "fail" and f["check"].endswith(".secret.placeholder"):
            engine = f["check"].partition(".")[0]
            name = payloads.SECRET_NAMES[engine] + ".json"
            proc.write_private(fleet.dir / "secrets/as-written" / name, payloads.text(fleet[engine].payload()))


def until_open(test, fleet, plan, folder, engines, optional=False):
    """Rounds until the gate is open; with OPTIONAL, until nothing at all is to be done."""
    for number in range(1, ROUNDS + 1):
        run, lists, people = look(fleet, plan, folder)
        left = troubles(run)
        print(f"{plan.name}, round {number}: exit status {run['exit_status']}, {len(left)} to do: {', '.join(sorted(left))}", flush=True)
        if run["exit_status"] == 0 and not (optional and left):
            return people
        fill_secrets(fleet, run)
        for engine in engines:
            said = Round(fleet, engine, lists[engine], optional).run()
            test.equal(f"{plan.name}, round {number}: what {engine}'s client complains of", said, "")
    test.check(f"{plan.name}: the gate opens within {ROUNDS} rounds", False, f"left: {troubles(run)}")
    return ""


def twice(test, fleet, plan, folder):
    """The scripts of the first look once more, when all is done: harmless, whether a client complains or not."""
    before, _, _ = look(fleet, plan, folder)
    for engine, text in FIRST.items():
        again = Round(fleet, engine, text, False)
        again.files, again.restart, again.afterwards = [], False, []
        said = again.client(again.script)
        test.check(f"{engine}'s first script once more", not said or re.search(r"already exists|not allowed to create|no such grant|Operation RENAME", said),
                   said)
    after, _, _ = look(fleet, plan, folder)
    test.equal("verdicts after the scripts ran once more", [f["verdict"] for f in after["findings"]], [f["verdict"] for f in before["findings"]])


FIRST = {}

# Defects that a list cannot mend by statements: what has to be done is not the database's.
NOT_HERE = {
    "another-authority": "the plan's CA", "auditor-refused": "the auditor's secret", "database-missing": "the secret",
    "password-placeholder": "the secret", "password-placeholder-in-the-string": "the secret", "server-stopped": "starting it",
    "string-other-database": "the secret", "string-other-host": "the secret", "string-other-password": "the secret",
    "string-other-set": "the secret", "string-other-user": "the secret", "oplog-too-short": "time", "primary-missing": "other members",
    "senders-none-free": "readers that are not needed", "members-on-loopback": "a name by which clients inside reach it",
}


def defect(test, fleet, variant, folder):
    """One planted defect, mended by what its list says: nothing is left to do, and no client complains."""
    engine = variant.engine
    variant.apply(fleet[engine])
    plan = variants.write_plan(fleet, variant, folder / f"{variant.name}.yaml")
    password = variant.payload(fleet[engine])["password"]
    seen = []
    for _ in range(ROUNDS):
        run, lists, _ = look(fleet, plan, folder)
        left = troubles(run)
        if not left:
            break
        seen.append(sorted(left))
        said = Round(fleet, engine, lists[engine], True, password).run()
        test.equal(f"{variant}: what the client complains of", said, "")
    test.check(f"{variant}: is a defect", seen)
    test.equal(f"{variant}: left after {len(seen)} rounds, {seen}", sorted(left), [])
    print(f"{variant}: {seen}", flush=True)


# Names that would like to be more than names.
HOSTILE = "o\"d'; \\! touch hg-broke-out -- $(touch hg-broke-out) `x` // :y */"


def hostile(test, engine, folder):
    """What a server names is quoted for its client, and a comment stays one."""
    with Fleet("ready", [engine]) as fleet:
        server = fleet[engine]
        plan = variants.write_plan(fleet, None, folder / "hostile.yaml", engine)
        if engine == "postgres":
            name = HOSTILE.replace('"', '""')
            server.sql(f'SET ROLE app_owner;\nCREATE TABLE public."{name}" (id int PRIMARY KEY);\nRESET ROLE;\n'
                       f'REVOKE SELECT ON public."{name}" FROM datastream_user;', "qualityaudit_db")
        else:
            server.run_commands([{"database": "programops_db", "command": {"create": HOSTILE.replace("$", "S")}}])
        run, lists, _ = look(fleet, plan, folder)
        test.check(f"{engine}: something is wrong with what is called so", troubles(run))
        test.equal(f"{engine}: what the client complains of", Round(fleet, engine, lists[engine]).run(), "")
        test.equal(f"{engine}: left with such a name", sorted(troubles(look(fleet, plan, folder)[0])), [])
        test.check(f"{engine}: nothing broke out", not list(pathlib.Path.cwd().glob("hg-broke-out*")))


def odd_database(test, folder):
    """A script goes into the database that the secret names, whatever that is."""
    with Fleet("seed-literal", ["postgres"]) as fleet:
        server, name = fleet["postgres"], "o'd\\d \"db\" :x"
        server.sql('CREATE DATABASE "' + name.replace('"', '""') + '"')
        secret = proc.write_private(folder / "odd.json", payloads.text({**server.payload(), "database": name}))
        plan = folder / "odd.yaml"
        plan.write_text(yaml.safe_dump({"headgate": 1, "name": "odd", "profile": ["datastream", "seed"], "targets": {"odd": {
            "engine": "postgres", "secret": {"file": str(secret)}, "tls": {"ca": str(fleet.ca)}}}}), "utf-8")
        lists = look(fleet, plan, folder)[1]
        odd = Round(fleet, "postgres", lists["postgres"])
        test.equal("psql in a database of an odd name", odd.client(odd.script + "\nSELECT 1 / (current_database() = $$" + name + "$$)::int;"), "")


def defects(test, engine, folder):
    if engine == "postgres":
        odd_database(test, folder)
    if engine != "mysql":
        hostile(test, engine, folder)
    for variant in variants.all_of(engine):
        if variant.name not in NOT_HERE:
            with Fleet("ready", [engine]) as fleet:     # what one list did must not hide the next defect
                defect(test, fleet, variant, folder)


def seed(test, folder, name):
    """The seed document's servers, with its placeholders (and auditors), or with real secrets and nobody else to look."""
    with Fleet("seed-literal") as fleet:
        document = yaml.safe_load(fleet.plan(name).read_text("utf-8"))
        document["params"] = {"mongodb.oplog.window": "0s"}     # a server that is seconds old holds seconds
        document["prove"] = True
        if name == "seed-literal":
            document["from"] = {"datastream": "127.0.0.0/8"}    # else the list has <...> for a person to fill in
        plan = folder / f"{name}.yaml"
        plan.write_text(yaml.safe_dump(document, sort_keys=False), "utf-8")
        FIRST.clear()
        FIRST.update(look(fleet, plan, folder)[1])
        test.equal(f"{name}: engines with nothing in the first list", [e for e, t in FIRST.items() if "Nothing in it" in t], [])
        people = until_open(test, fleet, plan, folder, SIGNS)
        test.check(f"{name}: the last list says that the gate is open", "The gate is OPEN" in people)
        twice(test, fleet, plan, folder)
        people = until_open(test, fleet, plan, folder, SIGNS, optional=True)
        test.check(f"{name}: with what was optional nothing is left", "Nothing is to be done" in people, people[:400])


def body(test):
    with tempfile.TemporaryDirectory(prefix="headgate-todo-") as folder:
        if len(sys.argv) > 3:
            defects(test, sys.argv[3], pathlib.Path(folder))
            return
        for name in ("seed-literal", "seed-filled"):
            seed(test, pathlib.Path(folder), name)


if __name__ == "__main__":
    main(body)
