#!/usr/bin/env python3
"""`headgate init`: payload files in, a plan that loads out, and no secret anywhere. Nobody is contacted."""
import fcntl
import json
import os
import pathlib
import pty
import re
import select
import subprocess
import sys
import tempfile
import termios
import time
import unittest

HEADGATE, ROOT = pathlib.Path(sys.argv[1]).resolve(), pathlib.Path(sys.argv[2]).resolve()
ENVIRONMENT = {k: v for k, v in os.environ.items() if not k.startswith(("HEADGATE", "HG_"))}
ENVIRONMENT.update(TERM="xterm", LC_ALL="C.UTF-8", ASAN_OPTIONS="detect_leaks=0")
MARKER = "a-marker-word"
USER = {"username": "datastream_user", "password": MARKER}
MYSQL = {"hostname": "10.0.1.5", "port": 3306, **USER, "database": "contributor_db"}
POSTGRES = {"hostname": "10.0.1.6", "port": 5432, **USER, "database": "qualityaudit_db"}
MONGODB = {"connection_string": f"mongodb://datastream_user:{MARKER}@10.0.1.7:27017/programops_db?replicaSet=rs0",
           "database": "programops_db", **USER}
SEED = {"secrets/contributor-mysql-connection.json": MYSQL, "secrets/qualityaudit-postgres-connection.json": POSTGRES,
        "secrets/programops-mongo-connection.json": MONGODB}


class Case(unittest.TestCase):
    def setUp(self):
        room = tempfile.TemporaryDirectory(prefix="headgate-init-")
        self.addCleanup(room.cleanup)
        self.dir = pathlib.Path(room.name).resolve() / "here"
        (self.dir / "secrets").mkdir(parents=True)
        for name, payload in SEED.items():
            self.payload(name, payload)

    def write(self, name, text, mode=0o600):
        (self.dir / name).write_text(text, "utf-8")
        (self.dir / name).chmod(mode)
        return name

    def payload(self, name, payload, mode=0o600):
        return self.write(name, payload if isinstance(payload, str) else json.dumps(payload, indent=2), mode)

    def headgate(self, *words, status=0, **more):
        more.setdefault("cwd", self.dir)
        done = subprocess.run([str(HEADGATE), *map(str, words)], env=ENVIRONMENT, stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=60, check=False, **more)
        said = f"headgate {' '.join(map(str, words))}\n{done.stdout}{done.stderr}"
        self.assertEqual(done.returncode, status, said)
        self.assertNotIn(MARKER, done.stdout + done.stderr)
        return done

    def init(self, *words, status=0, **more):
        done = self.headgate("init", *words, status=status, **more)
        self.assertEqual(sorted(self.dir.glob("*.yaml.*")), [], "a temporary file is left")
        return done

    def plan(self, name="plan.yaml"):
        text = (self.dir / name).read_text("utf-8")
        self.assertNotIn(MARKER, text)
        return text

    def refused(self, *words, said):
        done = self.init(*words, status=2)
        self.assertIn(said, done.stderr)
        self.assertEqual(done.stderr.count("\n"), 1, done.stderr)
        self.assertEqual(done.stdout, "")
        self.assertFalse((self.dir / "plan.yaml").exists())

    def loads(self, name="plan.yaml", status=0):
        return self.headgate("plan", name, status=status).stdout


class Seed(Case):
    """The three documents of the seed."""
    def test_the_plan(self):
        done = self.init(*SEED)
        self.assertEqual(done.stdout, "")
        text = self.plan()
        for line in ("  contributor:\n    engine: mysql\n", "  qualityaudit:\n    engine: postgres\n",
                     "  programops:\n    engine: mongodb\n",
                     "    secret: { file: secrets/contributor-mysql-connection.json }\n",
                     '    scope: ["contributor_db.*"]', '    scope: ["public.*"]',
                     "# Secret: 10.0.1.7:27017, database programops_db, as datastream_user\n"):
            self.assertIn(line, text)
        self.assertNotIn("mongodb://", text)
        for line in text.splitlines():
            self.assertLessEqual(len(line), 119, line)
        shown = self.loads()
        for name in SEED:
            self.assertIn(f"the file {self.dir / name}\n", shown)

    def test_what_it_says(self):
        said = self.init(*SEED).stderr
        self.assertTrue(said.startswith("headgate: wrote plan.yaml: 3 targets, no secret\n"), said)
        self.assertIn("  contributor      mysql     10.0.1.5:3306, contributor_db\n", said)
        self.assertIn("next:\n  headgate plan plan.yaml ", said)
        self.assertIn("\n  headgate run plan.yaml ", said)
        self.assertNotIn("before the first run", said)

    def test_every_comment_that_is_a_line_of_the_plan_works(self):
        self.init(*SEED)
        self.write("ca.pem", "")
        text = re.sub(r"(?m)^( *)# (?= *-? ?[a-z{])", r"\1", self.plan()).replace("YYYY-MM-DD", "2099-01-31")
        self.assertEqual(re.findall(r"(?m)^ *# [a-z].*", text), [])
        self.write("all.yaml", text)
        shown = self.loads("all.yaml")
        self.assertIn("dials     127.0.0.1, port 13306\n", shown)
        self.assertIn("auditor   the variable AUDITOR_CONTRIBUTOR\n", shown)
        self.assertIn("level prove", shown)
        self.assertRegex(text, r"\n  mysql.binlog.retention: 7d +# Of datastream: Datastream documentation\n")
        for name in ("mysql.binlog.retention: 7d", "mongodb.oplog.window: 24h", "postgres.slots.wanted: 5"):
            self.assertIn(f"\n  {name} ", text)

    def test_parameters_are_those_of_the_engines_at_hand(self):
        self.init("secrets/programops-mongo-connection.json")
        self.assertIn("mongodb.oplog.window", self.plan())
        self.assertNotIn("#   mysql.", self.plan())

    def test_options(self):
        self.write("ca.pem", "")
        self.init(*SEED, "--ca", "ca.pem", "--vantage", "tunnel", "--connect", "contributor=127.0.0.1:13306",
                  "--connect", "qualityaudit=[::1]:15432", "--connect", "programops=:17017", "--profile", "seed")
        text = self.plan()
        self.assertEqual(len(re.findall(r"(?m)^    tls: { ca: ca.pem } ", text)), 3)
        self.assertRegex(text, r"(?m)^vantage: tunnel ")
        self.assertRegex(text, r"(?m)^    connect: { host: 127.0.0.1, port: 13306 } ")
        self.assertRegex(text, r'(?m)^    connect: { host: "::1", port: 15432 } ')
        self.assertRegex(text, r"(?m)^    connect: { host: 127.0.0.1, port: 17017 } ")
        self.assertRegex(text, r"(?m)^profile: \[seed\] ")
        self.assertIn("# Of seed: ", text)
        self.assertIn("dials     ::1, port 15432\n", self.loads())

    def test_to_standard_output(self):
        done = self.init(*SEED, "-o", "-")
        self.assertNotIn(MARKER, done.stdout)
        self.assertFalse((self.dir / "plan.yaml").exists())
        self.write("p.yaml", done.stdout)
        self.loads("p.yaml")

    def test_paths_are_relative_to_the_plan(self):
        (self.dir / "plans").mkdir()
        self.init(*SEED, "-o", "plans/p.yaml")
        self.assertIn("file: ../secrets/contributor-mysql-connection.json }", self.plan("plans/p.yaml"))
        self.assertIn(f"the file {self.dir / 'plans'}/../secrets/contributor-mysql-connection.json\n",
                      self.loads("plans/p.yaml"))
        self.init(*(self.dir / name for name in SEED), "-o", "plans/q.yaml")
        self.assertEqual(self.plan("plans/q.yaml"), self.plan("plans/p.yaml"))
        self.init("here/secrets/contributor-mysql-connection.json", "-o", "here/plan.yaml", cwd=self.dir.parent)
        self.assertIn("file: secrets/contributor-mysql-connection.json }", self.plan())

    def test_run_on_it_ends_with_the_next_thing_to_do(self):
        # A placeholder everywhere: no login is tried, and that is what the run says.
        for name, payload in SEED.items():
            self.payload(name, json.dumps(payload).replace(MARKER, "REPLACE_WITH_ACTUAL_PASSWORD")
                         .replace("10.0.1.", "127.0.0."))
        said = self.init(*SEED).stderr
        self.assertIn("before the first run:\n", said)
        self.assertIn("contributor: secrets/contributor-mysql-connection.json still has a placeholder in `password`;", said)
        self.assertIn("still has a placeholder in `password` and `connection_string`;", said)
        done = self.headgate("run", "plan.yaml", "--deadline", "2s", status=1)
        for check in ("mysql.secret.placeholder", "postgres.secret.placeholder", "mongodb.secret.placeholder"):
            self.assertIn(check, done.stdout)


class Engines(Case):
    def engine(self, name, payload, *words):
        self.payload(name, payload)
        self.init(*(words or [name]), "-o", "-", status=0)
        return re.findall(r"  (\S+):\n    engine: (\w+)\n", self.init(*(words or [name]), "-o", "-").stdout)

    def test_by_port_by_name_and_by_string(self):
        for name, payload, wanted in (
                ("a.json", MYSQL, ("a", "mysql")), ("b.json", POSTGRES, ("b", "postgres")),
                ("c.json", MONGODB, ("c", "mongodb")), ("d.json", {**MYSQL, "port": 27017}, ("d", "mongodb")),
                ("e-postgres.json", {**MYSQL, "port": 6543}, ("e", "postgres")),
                ("f_MariaDB_connection.json", {**MYSQL, "port": "13306"}, ("f", "mysql")),
                ("mysql.json", {k: v for k, v in MYSQL.items() if k != "port"}, ("mysql", "mysql")),
                ("a b'c;d.json", MYSQL, ("a-b-c-d", "mysql")), ("true.json", MYSQL, ('"true"', "mysql")),
                ("12.json", MYSQL, ('"12"', "mysql")), ("db.json", MYSQL, ("database", "mysql")), ("plan.json", MYSQL, ("plan-db", "mysql"))):
            with self.subTest(name):
                self.assertEqual(self.engine(name, payload), [wanted])

    def test_as_stated(self):
        odd = self.payload("odd.json", {**MYSQL, "port": 6543})
        self.assertEqual(self.engine(odd, {**MYSQL, "port": 6543}, f"postgres:{odd}"), [("odd", "postgres")])
        self.assertEqual(self.engine(odd, {**MYSQL, "port": 6543}, f"x=mariadb:{odd}"), [("x", "mysql")])
        self.assertEqual(self.engine(odd, POSTGRES, f"why={odd}"), [("why", "postgres")])
        self.assertEqual(self.engine("a=b:c.json", MYSQL), [("a-b-c", "mysql")])

    def test_never_a_guess(self):
        self.payload("odd.json", {**MYSQL, "port": 6543})
        self.refused("odd.json", said="write mysql:odd.json, postgres:odd.json or mongodb:odd.json")
        self.payload("x-mysql.json", POSTGRES)
        self.refused("x-mysql.json", said="what is in it says postgres, and its name says mysql; write postgres:")
        self.refused("oracle:odd.json", said="`oracle` is no engine; there are mysql, postgres and mongodb")

    def test_two_of_one_name(self):
        (self.dir / "other").mkdir()
        self.payload("other/contributor.json", MYSQL)
        self.init("secrets/contributor-mysql-connection.json", "other/contributor.json")
        self.assertIn("\n  contributor:\n", self.plan())
        self.assertIn("\n  contributor-2:\n", self.plan())


class Hostile(Case):
    """Payloads that are none, or that try to get into the plan."""
    def test_payloads_that_are_none(self):
        for text, said in ((MARKER, "not a JSON object"), (json.dumps([MARKER]), "not a JSON object"), ("", "not a JSON"),
                           (json.dumps({**MYSQL, "port": MARKER}), "`port` is not a number from 1 to 65535"),
                           (json.dumps({**MONGODB, "connection_string": f"postgres://u:{MARKER}@h/d"}),
                            "`connection_string` is not a mongodb:// string"),
                           (" " * 70000 + json.dumps(MYSQL), "larger than"), (f'{{"a":"{MARKER}","a":1}}', "JSON object")):
            with self.subTest(text[:40].strip()):
                self.payload("mysql.json", text)
                self.refused("mysql.json", said=said)

    def test_files_that_are_none(self):
        self.refused("nowhere.json", said="nowhere.json: No such file or directory")
        self.refused("mysql:nowhere.json", said="nowhere.json: No such file or directory")
        self.refused("secrets", said="secrets: no file that every run can read again")
        os.mkfifo(self.dir / "pipe")
        self.refused("pipe", said="pipe: no file that")

    def test_what_a_probe_says_of_a_payload(self):
        for probe in sorted((HEADGATE.parent / "../probes").glob("headgate-probe-*")):
            if not os.access(probe, os.X_OK) or probe.is_dir():
                continue
            for payload in (*SEED.values(), {**MONGODB, "password": "another"}, {**MYSQL, "database": MARKER, MARKER: MARKER}):
                with self.subTest(f"{probe.name} {payload}"):
                    self.payload("x.json", payload)
                    done = subprocess.run(["sh", "-c", 'exec "$0" --payload 3<x.json', str(probe)], cwd=self.dir, env=ENVIRONMENT,
                                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=True)
                    self.assertNotIn(MARKER, done.stdout)
                    fact, end = map(json.loads, done.stdout.splitlines())
                    self.assertEqual((fact["key"], fact["state"], end), ("secret.payload", "known", {"done": True}))
                    self.assertTrue(fact["value"]["host"].startswith("10.0.1."))

    def test_a_password_where_a_name_belongs(self):
        """A connection string in a field, or the password once more: nothing of it is repeated."""
        for field in ("hostname", "username", "database"):
            for text in (f"mysql://u:{MARKER}@10.0.1.5/x", MARKER, f"x {MARKER}"):
                self.payload("a.json", {**MYSQL, "password": MARKER, field: text})
                self.init("a.json", "--force")
                self.assertNotIn("u:", self.plan())
                self.payload("a.json", {**MYSQL, "password": "another", field: f"mysql://u:{MARKER}@10.0.1.5/x"})
                self.init("a.json", "--force")
                self.plan()

    def test_texts_that_would_be_lines(self):
        for text in ("x\n  evil: 1", "x\u2028y", "x # y", "${HOME}", "x\"]", "*", "a.b", "\x1b[31m"):
            self.payload("a.json", {**MYSQL, "hostname": text, "username": text, "database": text})
            self.init("a.json", "--force")
            self.assertNotIn("evil", self.plan())
            self.assertNotIn("\x1b", self.plan())
            self.loads()

    def test_names_of_files(self):
        for name in ("a ${HOME}.json", "a\nb.json", "a\"b\\.json", "é ü.json", "-x.json", "a:b.json", "{a}.json", "a #b.json",
                     "$${x}.json", "\x1b[31m.json", "\u2028.json"):
            with self.subTest(name):
                self.payload(f"secrets/{name}", {**MYSQL, "hostname": "127.0.0.1", "port": 1})
                self.init(f"mysql:secrets/{name}", "--force")
                if not any(c in name for c in "\n\x1b\u2028"):
                    self.assertIn(f"the file {self.dir}/secrets/{name}\n", self.loads())
                self.loads()
                run = self.headgate("run", "plan.yaml", "--only", "mysql.secret.placeholder", "--deadline", "1s", status=0)
                self.assertIn("OPEN", run.stdout)

    def test_a_name_that_is_not_utf_8(self):
        name = os.fsencode(self.dir) + b"/x\xff-mysql.json"
        with open(name, "w", encoding="utf-8") as f:
            json.dump(MYSQL, f)
        done = subprocess.run([str(HEADGATE), "init", name], cwd=self.dir, env=ENVIRONMENT, stdin=subprocess.DEVNULL,
                              stderr=subprocess.PIPE, check=False)
        self.assertEqual(done.returncode, 2, done.stderr)
        self.assertFalse((self.dir / "plan.yaml").exists())


class Files(Case):
    def test_a_plan_that_is_there_is_kept(self):
        self.write("plan.yaml", "headgate: 1\nmine: yes\n")
        done = self.init(*SEED, status=2)
        self.assertIn("plan.yaml is there already and is left alone; --force writes over it", done.stderr)
        self.assertEqual(self.plan(), "headgate: 1\nmine: yes\n")
        self.init(*SEED, "--force")
        self.loads()

    def test_a_secret_is_never_written_over(self):
        name = "secrets/contributor-mysql-connection.json"
        before = (self.dir / name).read_text("utf-8")
        done = self.init("-o", *SEED, "--force", status=2)
        self.assertIn(f"{name} is there already and is no plan: it is left alone", done.stderr)
        self.assertEqual((self.dir / name).read_text("utf-8"), before)

    def test_a_link_is_not_followed_unasked(self):
        os.symlink("elsewhere", self.dir / "plan.yaml")
        self.init(*SEED, status=2)
        self.assertFalse((self.dir / "elsewhere").exists())

    def test_where_nothing_can_be_written(self):
        self.assertIn("nowhere/p.yaml cannot be written", self.init(*SEED, "-o", "nowhere/p.yaml", status=2).stderr)
        self.init(*SEED, "-o", "/dev/full", status=70)

    def test_the_modes(self):
        name = "secrets/contributor-mysql-connection.json"
        (self.dir / name).chmod(0o644)
        self.assertIn(f"  - {name} may be read by others: chmod 600 {name}\n", self.init(*SEED).stderr)
        self.assertEqual((self.dir / "plan.yaml").stat().st_mode & 0o777, 0o644)
        self.payload("-a b.json", MYSQL, 0o640)
        self.assertIn("chmod 600 ./'-a b.json'\n", self.init("--force", "--", "-a b.json").stderr)
        self.assertIn(r"headgate run 'a'\''b.yaml' ", self.init(*SEED, "-o", "a'b.yaml").stderr)


TERRAFORM = """\
variable "mysql_host" {}
variable "db_password" { default = "MARKER" }
locals { prefix = "contributor" }
resource "google_datastream_connection_profile" "contributor_mysql" {
  connection_profile_id = "${local.prefix}-mysql-profile"
  mysql_profile {
    hostname = var.mysql_host  # Replace with actual MySQL host
    port     = 3306
    username = "datastream_user"
    password = "MARKER"
  }
}
resource "google_datastream_connection_profile" "qualityaudit" {
  connection_profile_id = "qualityaudit-postgres-profile"
  postgresql_profile {
    hostname = "10.0.1.6"
    port     = 5432
    username = "datastream_user"
    password = var.db_password
    database = "qualityaudit_db"
  }
}
resource "google_datastream_connection_profile" "warehouse" {
  connection_profile_id = "warehouse"
  bigquery_profile {}
}
resource "google_datastream_private_connection" "main" {
  vpc_peering_config { subnet = "10.1.0.0/29" }
}
resource "google_secret_manager_secret" "contributor" { secret_id = "${local.prefix}-mysql-connection" }
resource "google_secret_manager_secret" "programops" { secret_id = "programops-mongo-connection" }
resource "google_secret_manager_secret" "hook" { secret_id = "chat-hook" }
resource "google_secret_manager_secret_version" "x" {
  secret      = google_secret_manager_secret.contributor.id
  secret_data = jsonencode({ password = "MARKER" })
}
""".replace("MARKER", MARKER)


class Terraform(Case):
    """Hosts, ports and names only."""
    def setUp(self):
        super().setUp()
        (self.dir / "tf").mkdir()
        self.write("tf/main.tf", TERRAFORM)
        self.write("tf/terraform.tfvars", f'mysql_host = "10.0.1.5"\nproject_id = "p-1"\ndb_password = "{MARKER}"\n')
        self.write("tf/variables.tf", 'variable "project_id" {}\n')

    def test_alone(self):
        said = self.init("--from-terraform", "tf").stderr
        text = self.plan()
        for line in ("from: { datastream: [10.1.0.0/29] } ",
                     "  contributor:\n    engine: mysql\n    # Terraform: 10.0.1.5:3306, as datastream_user;",
                     "    # Found at main.tf:4 google_datastream_connection_profile.contributor_mysql\n",
                     "    secret: { command: [gcloud, secrets, versions, access, latest, "
                     '"--secret=contributor-mysql-connection", "--project=p-1"] }\n',
                     "  qualityaudit:\n    engine: postgres\n    # Terraform: 10.0.1.6:5432, database qualityaudit_db, as ",
                     "    secret: { env: QUALITYAUDIT }\n", "  programops:\n    engine: mongodb\n",
                     '"--secret=programops-mongo-connection", "--project=p-1"] }\n'):
            self.assertIn(line, text)
        self.assertNotIn("warehouse", text)
        self.assertIn("  - qualityaudit: its secret is to be in the variable QUALITYAUDIT,", said)
        self.assertIn("google_secret_manager_secret.hook: its name does not say which engine it is for", said)
        self.assertIn("what this prints: gcloud secrets versions access latest --secret=programops-mongo-connection --project=p-1",
                      self.loads())
        done = self.headgate("run", "plan.yaml", "--target", "qualityaudit", status=2)
        self.assertIn("the variable QUALITYAUDIT that holds its secret is not set", done.stderr)

    def test_with_payload_files(self):
        self.payload("secrets/contributor-mysql-connection.json", {**MYSQL, "hostname": "10.9.9.9", "port": 3307})
        said = self.init(*SEED, "--from-terraform", "tf").stderr
        text = self.plan()
        self.assertEqual(re.findall(r"(?m)^  (\w+):$", text), ["contributor", "qualityaudit", "programops"])
        self.assertEqual(text.count("secret: { file: secrets/"), 3)
        self.assertIn("from: { datastream: [10.1.0.0/29] } ", text)
        for field in ("host", "port"):
            self.assertIn(f"  - contributor: the secret's {field} is not the one of main.tf:4 google_datastream_conn", said)
        self.assertNotIn("qualityaudit: the secret's", said)
        self.loads()

    def test_what_is_not_understood(self):
        self.write("tf/broken.tf", f'a = "{MARKER}')
        self.assertIn("  - tf/broken.tf:1: a string is not closed; the file is left out\n",
                      self.init("--from-terraform", "tf").stderr)
        self.write("tf/main.tf", f'x = "{MARKER}"\n')
        self.assertIn("tf: no connection profile for MySQL, PostgreSQL or MongoDB stands there",
                      self.init("--from-terraform", "tf", "--force", status=2).stderr)

    def test_subnets_that_are_no_ranges(self):
        for text, wanted in (("10.1.0.0/29", True), ("2001:db8::/64", True), ("10.1.0.1/29", False), ("10.1.0.0", False),
                             ("10.1.0.0/33", False), ("10.1.0.0/0", False), ("0.0.0.0/0", False), ("10.1.0.0/2x", False),
                             ("10.1.0/24", False), ("/24", False), ("", False)):
            self.write("tf/main.tf", TERRAFORM.replace("10.1.0.0/29", text))
            said = self.init("--from-terraform", "tf", "--force").stderr
            self.assertEqual(wanted, "is no range of addresses" not in said, text)
            self.assertEqual(wanted, "\nfrom: " in self.plan(), text)
            self.loads()

    def test_no_folder_of_terraform(self):
        self.refused("--from-terraform", "nowhere", said="nowhere: No such file or directory")
        self.refused("--from-terraform", "secrets", said="secrets: there is no *.tf in it")

    def test_texts_that_would_be_lines(self):
        for text in ("x\\n  evil: 1", f"mysql://u:{MARKER}@h/d", "${evil}", '\\"]', "*"):
            hostile = TERRAFORM.replace('"10.0.1.6"', f'"{text}"').replace('"qualityaudit_db"', f'"{text}"')
            hostile = hostile.replace('"10.1.0.0/29"', f'"{text}"').replace('"programops-', f'"{text}-programops-')
            self.write("tf/main.tf", hostile.replace('"datastream_user"', f'"{text}"'))
            self.init("--from-terraform", "tf", "--force")
            self.assertNotIn("evil", self.plan())
            self.loads()


class Questions(Case):
    """At a terminal, without a file: the answers are typed as the questions come."""
    def at_terminal(self, *steps, words=(), env=None, status=0):
        """STEPS are (end of what is on the screen, what is typed); returns the screen without what the terminal echoes."""
        try:
            master, slave = pty.openpty()
        except OSError as error:
            self.skipTest(f"no terminal to be had: {error}")
        child = subprocess.Popen([str(HEADGATE), "init", *words], cwd=self.dir, env={**ENVIRONMENT, **(env or {})},
                                 stdin=slave, stdout=subprocess.PIPE, stderr=slave, start_new_session=True,
                                 preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0))
        os.close(slave)
        self.addCleanup(lambda: child.poll() is None and child.kill())
        screen, mark = b"", 0
        end = time.monotonic() + 60

        def more():
            self.assertLess(time.monotonic(), end, screen)
            if not select.select([master], [], [], 1)[0]:
                return b""
            try:
                return os.read(master, 65536) or None
            except OSError:
                return None
        for prompt, answer in steps:
            while not re.search(prompt + r"[^\n]*: \Z", screen[mark:].decode("utf-8", "replace")):
                got = more()
                self.assertIsNotNone(got, f"ended before {prompt!r}: {screen.decode()}")
                screen += got
            mark = len(screen)
            os.write(master, answer.encode() if isinstance(answer, str) else answer)
        while (got := more()) is not None:
            screen += got
        os.close(master)
        out = child.stdout.read()
        child.stdout.close()
        text = screen.decode("utf-8", "replace").replace("\r\n", "\n")
        self.assertEqual(child.wait(60), status, text)
        self.assertEqual(out, b"")
        return text

    FILE = (("where is the secret", "\n"), ("path of the file", "secrets/contributor-mysql-connection.json\n"),
            (r"engine: .* \[mysql\]", "\n"), (r"name of this target \[contributor\]", "\n"),
            (r"tables .* \[contributor_db\.\*\]", "\n"))
    REST = ((r"another database \[no\]", "\n"), ("where headgate runs", "\n"), ("file of the CA", "\n"))

    def test_a_file(self):
        text = self.at_terminal(*self.FILE, *self.REST)
        self.assertIn("It names the host 10.0.1.5, the database contributor_db and the user datastream_user.\n", text)
        self.assertIn("headgate: wrote plan.yaml: 1 target, no secret\n", text)
        self.assertNotIn(MARKER, text)
        asked = self.plan()
        self.init("secrets/contributor-mysql-connection.json", "--force")
        self.assertEqual(self.plan(), asked)

    def test_a_variable_that_is_set_and_one_that_is_not(self):
        text = self.at_terminal(
            ("where is the secret", "env\n"), ("name of the variable", "ORDERS_PG\n"), (r"engine: .* \[postgres\]", "\n"),
            (r"name of this target \[orders-pg\]", "orders\n"), (r"SCHEMA.TABLE.* \[public\.\*\]", "app.*, audit.lines\n"),
            ("another database", "y\n"), ("where is the secret", "e\n"), ("name of the variable", "NOT_SET\n"),
            ("engine: [^[]*", "mongo\n"), (r"name of this target \[not-set\]", "plan\n"),
            (r"name of this target \[not-set\]", "docs\n"), ("database ", "x y\n"), ("database ", "docs_db\n"),
            ("HOST:PORT to dial", "nowhere\n"), ("HOST:PORT to dial", "10.0.1.7:27017\n"), ("tables", "\n"),
            *self.REST, env={"ORDERS_PG": json.dumps(POSTGRES)})
        self.assertNotIn(MARKER, text)
        self.assertIn("It is not set here and now", text)
        self.assertIn("  - docs: the variable NOT_SET is to hold its secret: the JSON document\n", text)
        plan = self.plan()
        self.assertIn("  orders:\n    engine: postgres\n    # Secret: 10.0.1.6:5432, database qualityaudit_db, as datastream", plan)
        self.assertIn('    scope: ["app.*", "audit.lines"] ', plan)
        self.assertIn("    secret: { env: NOT_SET }\n", plan)
        self.assertRegex(plan, r"(?m)^    connect: { host: 10.0.1.7, port: 27017 } ")
        self.loads()

    def test_a_command(self):
        self.write("print.sh", "#!/bin/sh\ncat 'secrets/programops-mongo-connection.json'\n", 0o755)
        text = self.at_terminal(
            ("where is the secret", "command\n"), ("the command", "a | b\n"), ("the command", "sh -c './print.sh' \"a b\"\n"),
            ("run it now", "y\n"), (r"engine: .* \[mongodb\]", "\n"), (r"name of this target \[mongodb\]", "programops\n"),
            ("tables", "\n"), ("another database", "\n"), ("where headgate runs", "tunnel\n"),
            ("near end of programops's tunnel", "nonsense\n"), ("near end of programops's tunnel", ":17017\n"),
            ("file of the CA", "nowhere.pem\n"), ("file of the CA", "print.sh\n"))
        self.assertNotIn(MARKER, text)
        self.assertIn("One program and its words", text)
        plan = self.plan()
        self.assertIn('    secret: { command: [sh, "-c", ./print.sh, "a b"] }\n', plan)
        self.assertRegex(plan, r"(?m)^vantage: tunnel ")
        self.assertRegex(plan, r"(?m)^    connect: { host: 127.0.0.1, port: 17017 } ")
        self.assertRegex(plan, r"(?m)^    tls: { ca: print.sh } ")
        self.loads()

    def test_a_secret_as_an_answer_is_not_kept(self):
        text = self.at_terminal(
            ("where is the secret", "\n"), ("path of the file", f"mongodb://u:{MARKER}@h/d\n"),
            ("path of the file", json.dumps(MYSQL) + "\n"), ("path of the file", f"{MARKER}\n"), ("path of the file", "secrets\n"),
            *self.FILE[1:], *self.REST)
        self.assertEqual(text.count("That may hold a secret"), 2)
        self.assertEqual(text.count(MARKER), 3)         # the terminal's echo, and nothing of ours
        self.assertIn("There is no such file: No such file or directory.", text)
        self.plan()

    def test_ctrl_c_at_every_question(self):
        steps = self.FILE + self.REST
        for n in range(len(steps)):
            text = self.at_terminal(*steps[:n], (steps[n][0], b"\x03"), status=130)
            self.assertTrue(text.endswith("headgate: interrupted; nothing was written\n"), text)
            self.assertEqual(list(self.dir.glob("plan*")), [])

    def test_the_end_of_the_answers(self):
        for n in (0, 1, len(self.FILE)):
            steps = self.FILE + self.REST
            text = self.at_terminal(*steps[:n], (steps[n][0], b"\x04"), status=2)
            self.assertIn("headgate: the answers ended before the plan was whole; nothing was written\n", text)
            self.assertEqual(list(self.dir.glob("plan*")), [])

    def test_nothing_is_asked_for_a_plan_that_may_not_be_written(self):
        self.write("plan.yaml", "headgate: 1\n")
        self.assertNotIn("where is", self.at_terminal(status=2))


class Usage(Case):
    def test_rows(self):
        for words, said in (
                ([], "wants secret payload files (secrets/*.json), --from-terraform DIR, or a terminal to ask questions at"),
                ([*SEED, "--vantage", "above"], "--vantage `above` is not inside, tunnel or outside"),
                ([*SEED, "--ca", "nowhere.pem"], "--ca nowhere.pem: No such file or directory"),
                ([*SEED, "--connect", "contributor"], "--connect `contributor` is not TARGET=HOST:PORT"),
                ([*SEED, "--connect", "contributor=x:99999"], "is not TARGET=HOST:PORT"),
                ([*SEED, "--connect", "contributor=a b:1"], "is not TARGET=HOST:PORT"),
                ([*SEED, "--connect", "nobody=x:1"], "no target `nobody`; there are contributor, qualityaudit, programops"),
                ([*SEED, "--profile", "debezum"], "headgate: there is no profile `debezum`"),
                ([*SEED, "--prove"], "has no option `--prove`")):
            with self.subTest(" ".join(words)):
                self.refused(*words, said=said)

    def test_a_tunnels_end(self):
        self.payload("a.json", {**MYSQL, "hostname": "127.0.0.1"})
        self.assertIn("  - a: the secret's own host is this machine; if that is a tunnel's end, say --vantage tunnel\n",
                      self.init("a.json").stderr)
        self.assertNotIn("say --vantage", self.init("a.json", "--vantage", "tunnel", "--force").stderr)


if __name__ == "__main__":
    unittest.main(argv=["test_init"] + sys.argv[3:])
