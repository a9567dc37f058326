"""What docs/SEED.md claims of the seed's own words, and of the logins that are not tried with its placeholders."""
import re

from common import HEADGATE
from hgfix import payloads, seeddoc

from seed_proof import proof


def seed():
    """The seed's text, from the rows (every line has one: test_seed_rows.py)."""
    return "\n".join(row["text"] for row in seeddoc.rows(seeddoc.load()))


def commands(beginning):
    """The seed's commands that begin so, each on one line."""
    return [line for line in re.sub(r"\s*\\\n\s*", " ", seed()).splitlines() if line.startswith(beginning)]


def row(line):
    return next(r for r in seeddoc.rows(seeddoc.load()) if seeddoc.span(r)[0] <= line <= seeddoc.span(r)[1])


@proof("text")
def seed_has_no_rule_for_27017(check, _):
    """The seed's firewall rules are two, tcp:3306 and tcp:5432; 27017 stands in the secret and in the mongo command only."""
    rules = [re.search(r"--rules=(\S+)", c).group(1) for c in commands("gcloud compute firewall-rules create")]
    check("its rules", rules == ["tcp:3306", "tcp:5432"], rules)
    where = [line for line in seed().splitlines() if "27017" in line]
    check("27017", len(where) == 2 and "connection_string" in where[0] and where[1].startswith("mongo "), where)


@proof("text")
def seed_rules_name_one_range(check, _):
    """Both rules let in the very range that the private connection is given, and name no target tag and no target service
    account."""
    rules = commands("gcloud compute firewall-rules create")
    ranges = {re.search(r"--source-ranges=(\S+)", c).group(1) for c in rules}
    subnet = re.search(r'subnet = "([^"]+)"', seed()).group(1)
    check("the ranges", ranges == {subnet}, f"{ranges} and {subnet}")
    check("no target", not any("--target" in c for c in rules), rules)


@proof("text")
def seed_peers_one_side_only(check, _):
    """The seed has one peering command, from the network `default`; none for the other network."""
    peerings = commands("gcloud compute networks peerings create")
    check("one", len(peerings) == 1 and "--network=default" in peerings[0], peerings)
    check("the private connection's network", "global/networks/default" in seed())


@proof("text")
def seed_hosts_agree(check, _):
    """The host names of the Terraform lines are those of the MySQL and PostgreSQL secrets, and so are the addresses of the
    verification commands."""
    secrets = re.findall(r'"hostname": "([^"]+)"', seed()) + re.findall(r"@([0-9.]+):27017", seed())
    terraform = re.findall(r'^hostname = "([^"]+)"', seed(), re.M)
    tried = re.findall(r"^(?:mysql -h |psql -h |mongo mongodb://)([0-9.]+)", seed(), re.M)
    check("Terraform", terraform == secrets[:2], f"{terraform}, {secrets}")
    check("commands", tried == secrets, f"{tried}, {secrets}")


@proof("text")
def seed_mongo_command_has_no_credentials(check, _):
    """The mysql and psql commands of the verification name the account, the mongo command names none."""
    mysql, psql, mongo = (next(iter(commands(w))) for w in ("mysql ", "psql ", "mongo "))
    check("mysql and psql", all(payloads.USER in c for c in (mysql, psql)), f"{mysql}, {psql}")
    check("mongo", "@" not in mongo and " -u" not in mongo, mongo)


@proof("text")
def seed_mongodb_row_cites_the_release(check, _):
    """The row of "Datastream doesn't natively support MongoDB" cites Datastream's release notes of 2025-09-23."""
    sources = " ".join(s.get("source", "") for s in row(164)["right"])
    check("the source", "release notes" in sources and "2025-09-23" in sources, sources)
    check("the sentence", "doesn't natively support MongoDB" in row(164)["text"], row(164)["text"])


def logins(fleet, plan):
    """What headgate finds with PLAN, and the lines about logins that the servers logged meanwhile."""
    mysql, logs = fleet["mysql"], {}
    marks = {server: server.log.stat().st_size for server in (fleet["postgres"], fleet["mongodb"])}
    mysql.sql("TRUNCATE mysql.general_log")
    found = seeddoc.judge(HEADGATE, fleet, plan)
    logs["mysql"] = mysql.sql("SELECT argument FROM mysql.general_log WHERE command_type = 'Connect'")
    for server, mark in marks.items():
        with server.log.open("rb") as log:
            log.seek(mark)
            lines = log.read().decode("utf-8", "replace").splitlines()
        logs[server.engine] = "\n".join(line for line in lines if re.search("authenticat|authoriz|FATAL", line, re.I))
    return found, logs


@proof("seed-literal")
def no_login_with_a_placeholder(check, fleet):
    """headgate judges the three servers with the seed's secrets as written; the servers' own logs hold the auditors' logins
    and none of datastream_user. With real passwords in the secrets they do hold its attempts."""
    mysql, postgres = fleet["mysql"], fleet["postgres"]
    mysql.sql("SET GLOBAL log_output = 'TABLE'; SET GLOBAL general_log = ON")
    postgres.sql("ALTER SYSTEM SET log_connections = on")
    postgres.reload_hba(None)
    (found, written), (_, filled) = (logins(fleet, plan) for plan in ("seed-literal", "seed-filled"))
    mysql.sql("SET GLOBAL general_log = OFF; SET GLOBAL log_output = 'FILE'")
    postgres.sql("ALTER SYSTEM RESET log_connections")
    postgres.reload_hba(None)
    for engine, text in written.items():
        check(f"{engine}: the placeholder is found", found[f"{engine}.secret.placeholder"] == "fail")
        check(f"{engine}: the auditor logs in", payloads.AUDITOR in text, text[-500:])
        check(f"{engine}: the account does not", payloads.USER not in text, text[-500:])
        check(f"{engine}: with a password it tries", payloads.USER in filled[engine], filled[engine][-500:])
