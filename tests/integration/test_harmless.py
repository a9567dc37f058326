#!/usr/bin/env python3
"""The servers' own logs hold nothing that the probes' tables of statements do not, at `look` nothing of `prove`, and
afterwards everything is as before: slots, accounts, settings, replicas, connections, and no table was read."""
import json
import pathlib
import re
import subprocess
import sys
import tempfile

import yaml

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from common import HEADGATE, Fleet, headgate, main     # noqa: E402  pylint: disable=wrong-import-position
from hgfix import payloads, proc     # noqa: E402  pylint: disable=wrong-import-position

USERS = (payloads.USER, payloads.AUDITOR)
PLACEHOLDER = re.compile(r"\\\{(num|str|name|roles)\\\}")
PATTERNS = {"num": r"\d+", "str": r"'(?:[^'\\]|''|\\.)*'", "name": r"`(?:[^`]|``)*`", "roles": r".+"}


class Table:
    """The statements of one probe, as --describe states them."""

    def __init__(self, engine):
        probe = HEADGATE.parent.parent / "probes" / f"headgate-probe-{engine}"
        document = json.loads(subprocess.run([str(probe), "--describe"], stdout=subprocess.PIPE, check=True).stdout)
        self.rows = document["statements"]

    def match(self, text, level):
        """The row that TEXT was made from, or None."""
        for row in self.rows:
            pattern = PLACEHOLDER.sub(lambda m: PATTERNS[m.group(1)], re.escape(row["text"]))
            if (level == "prove" or row["level"] == "look") and re.fullmatch(pattern, text, re.S):
                return row["id"]
        return None


class MySQL:
    engine = "mysql"
    # What the protocol has besides statements; a dump is a row of the table.
    COMMANDS = {"look": {"Connect", "Quit"}, "prove": {"Connect", "Quit", "Binlog Dump"}}

    def __init__(self, server):
        self.server = server
        server.sql("SET GLOBAL log_output = 'TABLE'; SET GLOBAL general_log = ON")

    def rows(self, sql):
        return [line.split("\t") for line in self.server.sql(sql).splitlines()]

    def forget(self):
        self.server.sql("SET GLOBAL general_log = OFF; TRUNCATE mysql.general_log; SET GLOBAL general_log = ON")

    def seen(self):
        """(who, command, statement) of the accounts that headgate uses."""
        users = " OR ".join(f"user_host LIKE '{u}%' OR argument LIKE '{u}@%'" for u in USERS)
        return [(who, kind, bytes.fromhex(text).decode("utf-8")) for who, kind, text in self.rows(
            "SELECT SUBSTRING_INDEX(user_host, '[', 1), command_type, HEX(argument) FROM mysql.general_log "
            f"WHERE {users} ORDER BY event_time")]

    def strangers(self, table, level):
        statements = [(kind, text) for _, kind, text in self.seen()]
        return len(statements), [s for s in statements
                                 if not (s[0] in self.COMMANDS[level]
                                         or (s[0] in ("Query", "Execute") and table.match(s[1], level)))]

    def logins(self):
        return sum(kind == "Connect" for _, kind, _ in self.seen())

    def gone(self):
        return not self.rows(f"SELECT ID FROM information_schema.PROCESSLIST WHERE USER IN {USERS}")

    def state(self):
        return {
            "variables": self.rows("SHOW GLOBAL VARIABLES"),
            "accounts": self.rows("SELECT * FROM mysql.user ORDER BY User, Host"),
            "grants": self.rows("SELECT * FROM information_schema.SCHEMA_PRIVILEGES ORDER BY 1, 2, 3, 4"),
            "replicas": self.rows("SHOW REPLICAS"),
            "binary logs": self.rows("SHOW BINARY LOGS"),
            "place": self.rows("SHOW BINARY LOG STATUS"),
            "tables": self.rows("SELECT TABLE_SCHEMA, TABLE_NAME, CREATE_TIME FROM information_schema.TABLES "
                                "WHERE TABLE_SCHEMA NOT IN ('performance_schema', 'information_schema') ORDER BY 1, 2"),
            "broken connections": self.rows("SHOW GLOBAL STATUS WHERE Variable_name IN ('Aborted_clients', "
                                            "'Aborted_connects', 'Connection_errors_internal')"),
            "rows read": self.rows("SELECT OBJECT_NAME, COUNT_READ FROM performance_schema."
                                   "table_io_waits_summary_by_table WHERE OBJECT_SCHEMA = 'contributor_db' ORDER BY 1"),
        }


class PostgreSQL:
    engine = "postgres"

    def __init__(self, server):
        self.server, self.at = server, 0
        server.restart({"log_statement": "all", "log_replication_commands": "on", "log_connections": "on",
                        "log_line_prefix": "%u@%d@%b ", "logging_collector": "off"})

    def rows(self, sql, database="qualityaudit_db"):
        return self.server.sql(sql, database).splitlines()

    def forget(self):
        self.at = self.server.log.stat().st_size

    def log(self):
        text = self.server.log.read_bytes()[self.at:].decode("utf-8").replace("\n\t", "\n")
        return [(m[1], m[2]) for m in re.finditer(
            rf"^(?:{'|'.join(USERS)})@\S*@\S[^:\n]* LOG:  (connection authorized|statement|execute [^:]*|"
            r"received replication command): (.*)$", text, re.M)]

    def strangers(self, table, level):
        statements = [text for kind, text in self.log() if kind != "connection authorized"]
        return len(statements), [s for s in statements if not table.match(s, level)]

    def logins(self):
        return sum(kind == "connection authorized" for kind, _ in self.log())

    def gone(self):
        return self.rows(f"SELECT count(*) FROM pg_stat_activity WHERE usename IN {USERS}") == ["0"]

    def state(self):
        return {
            "settings": self.rows("SELECT name, setting, source, pending_restart FROM pg_settings "
                                  "WHERE name !~ '^(in_hot|application_name|transaction)' ORDER BY 1"),
            "roles": self.rows("SELECT * FROM pg_authid ORDER BY 1"),
            "members": self.rows("SELECT * FROM pg_auth_members"),
            "slots": self.rows("SELECT slot_name, plugin, active, temporary FROM pg_replication_slots ORDER BY 1"),
            "senders": self.rows("SELECT * FROM pg_stat_replication"),
            "databases": self.rows("SELECT datname, datacl FROM pg_database ORDER BY 1"),
            "relations": self.rows("SELECT oid, relname, relacl, relreplident FROM pg_class ORDER BY 1"),
            "publications": self.rows("SELECT * FROM pg_publication"),
            "rows read": self.rows("SELECT relname, seq_scan, idx_scan, n_tup_ins, n_tup_upd, n_tup_del "
                                   "FROM pg_stat_user_tables ORDER BY 1"),
        }


class MongoDB:
    engine = "mongodb"
    _ABOUT_TO_RUN, _METADATA, _AUTHENTICATED = 21965, 51800, 5286306

    def __init__(self, server):
        self.server, self.at = server, 0
        self.server.run_commands([{"database": "admin", "command": {
            "setParameter": 1, "logComponentVerbosity": {"command": {"verbosity": 2}}}}])

    def forget(self):
        self.at = self.server.log.stat().st_size

    def log(self):
        """(database, command) of the connections that libmongoc made."""
        lines, ours = self.lines()
        return [(line["attr"]["db"], line["attr"]["commandArgs"]) for line in lines
                if line["id"] == self._ABOUT_TO_RUN and line["attr"].get("client") in ours]

    def lines(self):
        lines = [json.loads(line) for line in self.server.log.read_bytes()[self.at:].splitlines() if line[:1] == b"{"]
        ours = {line["attr"]["remote"] for line in lines
                if line["id"] == self._METADATA and "mongoc" in json.dumps(line["attr"].get("doc", {}))}
        return lines, ours

    def strangers(self, table, level):
        commands = self.log()
        return len(commands), [f"{db}: {json.dumps(args)[:300]}" for db, args in commands
                               if not self.announced(table, db, args, level)]

    @staticmethod
    def announced(table, database, args, level):
        name = next(iter(args))
        rows = [row for row in table.rows if level == "prove" or row["level"] == "look"]
        texts = [row["text"] for row in rows if re.search(rf"(\{{ |^|, | or | and ){name}\b", row["text"])]
        if name == "aggregate":
            return bool(texts) and list(args["pipeline"][0]) == ["$changeStream"]
        if name == "find":
            return bool(texts) and (database, args["find"]) == ("local", "oplog.rs")
        return bool(texts)

    def logins(self):
        lines, ours = self.lines()
        return sum(line["id"] == self._AUTHENTICATED and line["attr"].get("client") in ours for line in lines)

    def gone(self):
        with self.server.client() as client:
            found = client.admin.aggregate([{"$currentOp": {"allUsers": True, "idleConnections": True,
                                                            "idleCursors": True}}])
            return not [op for op in found if any(u["user"] in USERS for u in op.get("effectiveUsers", []))]

    def state(self):
        with self.server.client() as client:
            run = client.admin.command
            names = sorted(d["name"] for d in run("listDatabases")["databases"])
            parameters = run("getParameter", "*")
            for key in ("ok", "$clusterTime", "operationTime", "lastCommittedOpTime"):
                parameters.pop(key, None)
            return {
                "parameters": {k: v for k, v in parameters.items() if "TaskExecutor" not in k},
                "users": sorted(map(str, run({"usersInfo": {"forAllDBs": True}, "showCredentials": True})["users"])),
                "set": run("replSetGetConfig")["config"],
                "collections": {n: sorted(map(str, client[n].list_collections())) for n in names},
                "profiling": {n: client[n].command("profile", -1)["was"] for n in names},
                "open cursors": run("serverStatus")["metrics"]["cursor"]["open"]["total"],
                "reads": run("top")["totals"]["programops_db.programs"]["queries"]["count"],
            }


def one_engine(test, fleet, kind, plan, level):
    watcher, table = WATCHERS[kind], Table(kind)
    name = f"{kind} at {level}"
    watcher.forget()
    before = watcher.state()
    headgate("run", plan, "--target", payloads.TARGETS[kind], fleet=fleet, status=0)
    proc.wait_until(f"{kind}: headgate's connections are gone", watcher.gone, 10)
    count, strangers = watcher.strangers(table, level)
    test.check(f"{name}: its log shows us", count >= 5, str(count))
    test.equal(f"{name}: statements that --describe does not state", strangers, [])
    test.check(f"{name}: few logins", 1 <= watcher.logins() <= 4, str(watcher.logins()))
    after = watcher.state()
    for key, value in before.items():
        changed = [x for x in after[key] if x not in value] if isinstance(value, list) else after[key]
        test.check(f"{name}: {key} as before", after[key] == value, f"{str(changed)[:400]}")
    print(f"{name}: {count} statements, {watcher.logins()} logins", flush=True)


WATCHERS = {}


def body(test):
    with Fleet("ready") as fleet, tempfile.TemporaryDirectory(prefix="headgate-harmless-") as folder:
        for watcher in (MySQL, PostgreSQL, MongoDB):
            WATCHERS[watcher.engine] = watcher(fleet[watcher.engine])
        document = yaml.safe_load(fleet.plan("ready").read_text("utf-8"))
        # Auditors look too, on every engine.
        for engine, target in payloads.TARGETS.items():
            document["targets"][target]["auditor"] = {"secret": {"env": f"AUDITOR_{engine.upper()}"}}
        for level in ("look", "prove"):
            document["prove"] = level == "prove"
            plan = pathlib.Path(folder) / f"{level}.yaml"
            plan.write_text(yaml.safe_dump(document, sort_keys=False), "utf-8")
            for kind in WATCHERS:
                one_engine(test, fleet, kind, plan, level)


if __name__ == "__main__":
    main(body)
