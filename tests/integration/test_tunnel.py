#!/usr/bin/env python3
"""Through a real ssh tunnel: the gate opens as it does without, reports keep the secret's names, and what the tunnel
itself does (not up, nothing behind it, another address) is unknown and says so. No secret's host here has an address.
"""
import json
import pathlib
import sys
import tempfile

import yaml

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from common import Fleet, headgate, main, need, run_json, skip, verdicts   # noqa: E402  pylint: disable=wrong-import-position
from hgfix import FixtureError, payloads, proc     # noqa: E402  pylint: disable=wrong-import-position
from hgfix.tunnel import Bastion        # noqa: E402  pylint: disable=wrong-import-position

ENGINES = {"mysql": 3306, "postgres": 5432, "mongodb": 27017}
# The address that a server sees is the tunnel's end: that no line of pg_hba.conf lets it in says nothing.
BY_ADDRESS = {("postgres.replication.physical", "qualityaudit"): ("pass", "unknown")}
# What differs between any two looks, and what `connect:` is for.
VOLATILE = {"secret.payload", "mysql.connection", "postgres.connection", "mongodb.connection", "mysql.auditor", "postgres.auditor",
            "mongodb.auditor", "postgres.session", "mysql.binlog.status", "mysql.dump", "mongodb.oplog", "postgres.slot-trial",
            "mongodb.stream-trial", "postgres.replication.logical", "postgres.replication.physical"}


def payload(server, who):
    """The secret as it is inside: the server's name there and its usual port. MongoDB's names a second member, which
    nobody must dial."""
    engine = server.engine
    name, port = f"{engine}.fixture.test", ENGINES[engine]
    user, database = (payloads.USER, payloads.DATABASES[engine]) if who == "user" else \
        (payloads.AUDITOR, payloads.AUDITOR_DATABASES[engine])
    document = payloads.payload(engine, port, user, server.passwords[who], database, server.uri_options())
    if engine == "mongodb":
        document["connection_string"] = document["connection_string"].replace(
            f"127.0.0.1:{port}", f"{name}:{port},other.fixture.test:{port}")
    else:
        document["hostname"] = name
    return document


def make_plan(fleet, folder, name, ways):
    """The plan of the ready servers, with an auditor for every target; through WAYS, {engine: port here}, or directly."""
    plan = yaml.safe_load(fleet.plan("ready").read_text("utf-8"))
    for engine, target in payloads.TARGETS.items():
        t = plan["targets"][target]
        t["auditor"] = {"secret": {"env": f"AUDITOR_{engine.upper()}"}}
        if ways:
            for who in ("user", "auditor"):
                path = folder / f"{engine}-{who}.json"
                proc.write_private(path, json.dumps(payload(fleet[engine], who)))
            t["secret"] = {"file": str(folder / f"{engine}-user.json")}
            t["auditor"] = {"secret": {"file": str(folder / f"{engine}-auditor.json")}}
            t["connect"] = {"host": "127.0.0.1", "port": ways[engine]}
    if ways:
        plan["vantage"] = "tunnel"
    path = folder / f"{name}.yaml"
    path.write_text(yaml.safe_dump(plan), "utf-8")
    return path


def give_names(server):
    """The member has a name for clients inside, which the set tells to those who ask for it by TLS (a horizon)."""
    with server.client() as client:
        config = client.admin.command("replSetGetConfig")["config"]
        config["version"] += 1
        config["members"][0]["horizons"] = {"inside": "mongodb.fixture.test:27017"}
        client.admin.command({"replSetReconfig": config})


def facts_of(fleet, plan, folder):
    path = folder / "facts"
    headgate("collect", plan, "-o", path, fleet=fleet, status=0)
    text = path.read_text("utf-8")
    facts = [json.loads(line) for line in text.splitlines()[1:-1]]
    return text, {(f["target"], f["key"]): f for f in facts}


def as_without(test, fleet, folder, direct, tunnelled, ways):
    """The same verdicts and the same facts, but for what goes by an address."""
    run, through = run_json("run", direct, fleet=fleet, status=0), run_json("run", tunnelled, fleet=fleet, status=0)
    a, b = verdicts(run), verdicts(through)
    test.equal("verdicts that the tunnel changes", {k: (a.get(k), b.get(k)) for k in a.keys() | b.keys() if a.get(k) != b.get(k)},
               BY_ADDRESS)
    test.equal("auditors log in through the tunnel", [b[f"{e}.connection.auditor", t] for e, t in payloads.TARGETS.items()],
               ["pass"] * 3)
    test.equal("logical replication logs in through the tunnel", b["postgres.replication.logical", "qualityaudit"], "pass")
    test.equal("verified in full, by the secret's name", [b[f"{e}.connection.encrypted", t] for e, t in payloads.TARGETS.items()],
               ["pass"] * 3)
    for engine, name in payloads.TARGETS.items():
        t = next(t for t in through["targets"] if t["id"] == name)
        test.equal(f"{name}: the report names the secret's host", (t["host"], t["port"]), (f"{engine}.fixture.test", ENGINES[engine]))
        test.equal(f"{name}: and once what was dialled", t["dialled"], f"127.0.0.1:{ways[engine]}")
    test.check("without a tunnel nothing else was dialled", not any("dialled" in t for t in run["targets"]))
    terminal = " ".join(headgate("run", tunnelled, fleet=fleet, status=0).stdout.decode().split())
    test.check("the terminal says where from", "seen through a tunnel" in terminal, terminal[:300])
    test.check("the terminal says where to", f"at mysql.fixture.test:3306, dialled at 127.0.0.1:{ways['mysql']}" in terminal, terminal[:600])
    (_, straight), (text, through) = facts_of(fleet, direct, folder), facts_of(fleet, tunnelled, folder)
    test.equal("facts in number", sorted(through), sorted(straight))
    same = [k for k in straight if k[1] not in VOLATILE and straight[k] == through.get(k)]
    test.equal("facts that differ", [k for k in straight if k[1] not in VOLATILE and k not in same], [("programops", "mongodb.hello")])
    test.check("many are the same", len(same) > 25, len(same))
    hello = [f["programops", "mongodb.hello"]["value"] for f in (straight, through)]
    test.equal("the set's members are named by its configuration, for those who ask for the secret's name",
               [h["hosts"] for h in hello], [[f"127.0.0.1:{fleet['mongodb'].port}"], ["mongodb.fixture.test:27017"]])
    for server in fleet.servers.values():
        for who, password in server.passwords.items():
            test.check(f"facts hold no password of {server.engine}'s {who}", password not in text)


def causes(run):
    return {t: next(f for f in run["findings"] if f["target"] == t and f["check"].endswith(".connection.reached"))
            for t in payloads.TARGETS.values()}


def not_up(test, fleet, plan, ways):
    run = run_json("run", plan, fleet=fleet, status=3)
    for engine, target in payloads.TARGETS.items():
        f = causes(run)[target]
        test.equal(f"{target}: the tunnel is not up", (f["verdict"], f["sentence"]), (
            "unknown", f"The tunnel is not up: nothing listens at 127.0.0.1:{ways[engine]}, this end of the way to "
                       f"{engine}.fixture.test:{ENGINES[engine]}"))
        test.check(f"{target}: how to start it", f["fix"]["statement"].startswith(
            f"ssh -N -L 127.0.0.1:{ways[engine]}:{engine}.fixture.test:{ENGINES[engine]} "), f["fix"])
        test.check(f"{target}: the rest waits for it",
                   sum(x.get("waits_on") == f["check"] for x in run["findings"] if x["target"] == target) > 8)
    test.equal("nothing fails", [f["check"] for f in run["findings"] if f["verdict"] == "fail"], [])


def nothing_behind(test, fleet, plan):
    run = run_json("run", plan, fleet=fleet, status=3)
    for target, f in causes(run).items():
        test.equal(f"{target}: nothing behind the tunnel is unknown", f["verdict"], "unknown")
        test.check(f"{target}: and said so", "nothing came through it from" in f["sentence"], f["sentence"])
    test.equal("nothing fails, with nothing behind the tunnel", [f["check"] for f in run["findings"] if f["verdict"] == "fail"], [])


def another_address(test, fleet, plan):
    """Accounts that are only for the stream's own range: right as they are, and no failure seen from elsewhere."""
    fleet["mysql"].sql("RENAME USER 'datastream_user'@'127.0.0.%' TO 'datastream_user'@'10.1.0.0/255.255.255.248'")
    fleet["postgres"].reload_hba(["hostssl qualityaudit_db datastream_user 10.1.0.0/29 scram-sha-256"])
    run = run_json("run", plan, fleet=fleet, status=3)
    for check, target in (("mysql.connection.login", "contributor"), ("postgres.connection.login", "qualityaudit")):
        f = next(f for f in run["findings"] if (f["check"], f["target"]) == (check, target))
        test.equal(f"{check}: unknown for another address", f["verdict"], "unknown")
        test.check(f"{check}: and says why", "The stream comes from another address" in f["sentence"], f["sentence"])
        test.check(f"{check}: and how to look", "--vantage inside -o facts" in f["fix"]["statement"], f["fix"])
    test.equal("nothing fails for another address", [f["check"] for f in run["findings"] if f["verdict"] == "fail"], [])
    decided = {f["check"] for f in run["findings"] if f["target"] == "qualityaudit" and f["verdict"] == "pass"}
    test.check("configuration decides, as an auditor sees it", "postgres.hba.logical-line" in decided, sorted(decided))
    fleet["mysql"].sql("RENAME USER 'headgate_auditor'@'127.0.0.%' TO 'headgate_auditor'@'10.1.0.0/255.255.255.248'")
    run = run_json("run", plan, fleet=fleet, status=3)
    test.equal("an auditor for another address is unknown, too", verdicts(run)["mysql.connection.auditor", "contributor"], "unknown")
    test.equal("nothing fails then", [f["check"] for f in run["findings"] if f["verdict"] == "fail"], [])


def with_bastion(test, fleet, folder, bastion):
    ways = {engine: proc.free_port() for engine in ENGINES}
    give_names(fleet["mongodb"])
    direct, plan = make_plan(fleet, folder, "direct", None), make_plan(fleet, folder, "tunnel", ways)
    not_up(test, fleet, plan, ways)
    dead = proc.free_port()
    tunnel = bastion.open({ways[engine]: ("127.0.0.1", dead) for engine in ENGINES})
    nothing_behind(test, fleet, plan)
    bastion.close(tunnel)
    bastion.open({ways[engine]: ("127.0.0.1", fleet[engine].port) for engine in ENGINES})
    as_without(test, fleet, folder, direct, plan, ways)
    another_address(test, fleet, plan)


def make_bastion(fleet):
    """A machine that reaches the servers, to go through by ssh."""
    home = fleet.dir / "bastion"
    home.mkdir(mode=0o711)
    try:
        return Bastion(home)
    except FixtureError as error:
        return skip(str(error))


def body(test):
    need("ssh", "ssh-keygen")
    with Fleet("ready") as fleet, tempfile.TemporaryDirectory(prefix="headgate-tunnel-") as name, make_bastion(fleet) as bastion:
        with_bastion(test, fleet, pathlib.Path(name), bastion)


if __name__ == "__main__":
    main(body)
