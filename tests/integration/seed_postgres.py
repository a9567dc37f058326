"""What docs/SEED.md claims of PostgreSQL, done on a real server."""
import contextlib
import pathlib
import tempfile

from hgfix import payloads, proc
from hgfix.postgres import BIN

from seed_proof import ELSEWHERE, postgres_plain_login, proof, relay, run

DATABASE = "qualityaudit_db"
SEED_LINE = f"host replication {payloads.USER} 0.0.0.0/0 md5"
DATABASE_LINE = f"hostssl {DATABASE} {payloads.USER} 127.0.0.0/8 scram-sha-256"
NO_LINE = "no pg_hba.conf entry"


def as_user(server, text, database=DATABASE, more="", port=None):
    """(it worked, what it printed) of statements in a session of the account under review."""
    argv = server.client(database, payloads.USER, more)
    if port:
        argv = [word.replace(f"port={server.port} ", f"port={port} ") for word in argv]
        return run(argv + ["-c", text], env=proc.clean_environment(PGPASSWORD=server.passwords["user"]))
    return run(argv + ["-c", text], env=server.client_environment())


def physical(server):
    return as_user(server, "IDENTIFY_SYSTEM", more="replication=true")


def logical(server):
    return as_user(server, "IDENTIFY_SYSTEM", more="replication=database")


@contextlib.contextmanager
def admitted(server, *lines):
    """LINES of pg_hba.conf for the account, instead of the seed's."""
    server.reload_hba(list(lines))
    try:
        yield
    finally:
        server.reload_hba(None)


@proof("seed-literal")
def postgres_replication_line_is_physical_only(check, fleet):
    """With the seed's line alone, the account's physical replication connection is let in, its logical one and its plain
    one are refused: no pg_hba.conf entry. With a line for the database instead, the logical and the plain one are let
    in and the physical one is refused."""
    server = fleet["postgres"]
    good, said = physical(server)
    check("physical, the seed's line", good, said)
    for name, (good, said) in (("logical", logical(server)), ("plain", as_user(server, "SELECT 1"))):
        check(f"{name}, the seed's line", not good and NO_LINE in said, said)
    with admitted(server, DATABASE_LINE):
        for name, (good, said) in (("logical", logical(server)), ("plain", as_user(server, "SELECT 1"))):
            check(f"{name}, a line for the database", good, said)
        good, said = physical(server)
        check("physical, a line for the database", not good and NO_LINE in said, said)


@proof("seed-literal")
def postgres_replication_line_copies_the_cluster(check, fleet):
    """With the seed's line alone, pg_basebackup as the account copies the whole cluster, the databases that it may not read
    and the stored passwords of all roles among it; with a line for the database instead it is refused."""
    server = fleet["postgres"]
    where = server.client(user=payloads.USER)[-1].replace("dbname=postgres ", "")

    def copy():
        with tempfile.TemporaryDirectory(prefix="headgate-copy-") as folder:
            good, said = run([BIN / "pg_basebackup", "-d", where, "-D", folder, "-X", "none", "-c", "fast", "--no-sync"],
                             env=server.client_environment())
            databases = len(list(pathlib.Path(folder).glob("base/*/pg_filenode.map")))
            return good, databases, any(b"SCRAM-SHA-256$" in f.read_bytes() for f in pathlib.Path(folder).glob("global/*")
                                        if f.is_file()), said
    server.sql("CHECKPOINT")
    there = int(server.sql("SELECT count(*) FROM pg_database"))
    good, databases, stored, said = copy()
    check("copied", good and databases == there, f"{databases} of {there}: {said}")
    check("stored passwords", stored)
    with admitted(server, DATABASE_LINE):
        good, databases, stored, said = copy()
        check("refused", not good and NO_LINE in said and not databases, said)


@proof("seed-literal")
def postgres_line_admits_any_address(check, fleet):
    """Through a relay, the account's physical replication connection is let in from another address of this machine by
    0.0.0.0/0, and refused by the same line with 127.0.0.1/32."""
    server = fleet["postgres"]
    with relay(server.port) as carrier:
        def elsewhere():
            return as_user(server, "IDENTIFY_SYSTEM", more="replication=true", port=carrier.port)
        good, said = elsewhere()
        check(f"from {ELSEWHERE}", good, said)
        with admitted(server, SEED_LINE.replace("0.0.0.0/0", "127.0.0.1/32")):
            good, said = elsewhere()
            check(f"refused from {ELSEWHERE}", not good and f'{NO_LINE} for replication connection from host "{ELSEWHERE}"'
                  in said, said)
            good, said = physical(server)
            check("from 127.0.0.1", good, said)


@proof("seed-literal")
def postgres_host_line_admits_without_tls(check, fleet):
    """A connection without TLS is asked for its password by the seed's `host` line, and refused by `hostssl`."""
    server, replication = fleet["postgres"], {"replication": "true"}
    said = postgres_plain_login(server.port, replication)
    check("host", said == "SCRAM", said)
    with admitted(server, SEED_LINE.replace("host ", "hostssl ")):
        said = postgres_plain_login(server.port, replication)
        check("hostssl", NO_LINE in said and "no encryption" in said, said)


@proof("seed-literal")
def postgres_md5_line_does_scram(check, fleet):
    """password_encryption is scram-sha-256 by itself, so the seed's CREATE USER stores SCRAM, and the server asks for SCRAM
    although the line says md5."""
    server = fleet["postgres"]
    check("stored", server.sql("SELECT rolpassword FROM pg_authid WHERE rolname = 'datastream_user'")
          .startswith("SCRAM-SHA-256$"))
    said = server.sql("SELECT boot_val FROM pg_settings WHERE name = 'password_encryption'").strip()
    check("password_encryption", said == "scram-sha-256", said)
    said = postgres_plain_login(server.port, {"replication": "true"})
    check("asked for", said == "SCRAM", said)


@proof("seed-literal")
def postgres_md5_hash_is_the_password(check, fleet):
    """With a password stored as md5, the seed's line asks for md5, and whoever has the stored hash is let in without
    knowing the password. A scram-sha-256 line does not take such a password at all."""
    server = fleet["postgres"]
    server.sql("SET password_encryption = 'md5'; ALTER ROLE datastream_user PASSWORD 'SECURE_PASSWORD'")
    try:
        stored = server.sql("SELECT rolpassword FROM pg_authid WHERE rolname = 'datastream_user'").strip()
        check("stored", stored.startswith("md5"), stored)
        said = postgres_plain_login(server.port, {"replication": "true"})
        check("asked for", said == "md5", said)
        said = postgres_plain_login(server.port, {"replication": "true"}, stored)
        check("the hash alone", said == "let in", said)
        with admitted(server, SEED_LINE.replace("md5", "scram-sha-256")):
            good, said = physical(server)
            check("a scram-sha-256 line", not good and "password authentication failed" in said, said)
    finally:
        server.sql("ALTER ROLE datastream_user PASSWORD 'SECURE_PASSWORD'")


@proof("seed-literal")
def postgres_default_privileges_are_one_roles(check, fleet):
    """After the seed's statements, a table that the superuser makes is readable for the account, and one that the
    application's role makes is not; with FOR ROLE the next one is."""
    server = fleet["postgres"]

    def readable(name, role):
        server.sql(f"SET ROLE {role}; CREATE TABLE public.{name} (id int)", DATABASE)
        good, said = as_user(server, f"SELECT count(*) FROM public.{name}")
        server.sql(f"DROP TABLE public.{name}", DATABASE)
        return good, said
    change = "ALTER DEFAULT PRIVILEGES FOR ROLE app_owner IN SCHEMA public {} SELECT ON TABLES {} datastream_user"
    with admitted(server, DATABASE_LINE):
        good, said = readable("by_postgres", "postgres")
        check("by the role that ran it", good, said)
        good, said = readable("by_app", "app_owner")
        check("by another", not good and "permission denied" in said, said)
        server.sql(change.format("GRANT", "TO"), DATABASE)
        good, said = readable("by_app", "app_owner")
        check("by another, named", good, said)
        server.sql(change.format("REVOKE", "FROM"), DATABASE)


@proof("seed-literal")
def postgres_grant_on_all_tables_is_for_those_there(check, fleet):
    """GRANT SELECT ON ALL TABLES reaches the tables that are there: both of the application's are read, and a later one of
    its role is not, until the grant is made again."""
    server, count = fleet["postgres"], "SELECT count(*) FROM public.{}"
    with admitted(server, DATABASE_LINE):
        for table in ("audits", "findings"):
            check(f"{table} is read", as_user(server, count.format(table))[0])
        server.sql("SET ROLE app_owner; CREATE TABLE public.later (id int)", DATABASE)
        check("a later one is not", not as_user(server, count.format("later"))[0])
        server.sql("GRANT SELECT ON ALL TABLES IN SCHEMA public TO datastream_user", DATABASE)
        check("until it is granted again", as_user(server, count.format("later"))[0])
        server.sql("DROP TABLE public.later", DATABASE)


@proof("seed-literal")
def postgres_public_has_connect_and_usage(check, fleet):
    """With the seed's GRANT CONNECT and GRANT USAGE taken back, the account may connect and use the schema all the same,
    through PUBLIC; with PUBLIC's taken back as well it may not, and then the grants count."""
    asked = ("SELECT has_database_privilege('datastream_user', 'qualityaudit_db', 'CONNECT'), "
             "has_schema_privilege('datastream_user', 'public', 'USAGE')")
    take = "REVOKE CONNECT ON DATABASE qualityaudit_db FROM {0}; REVOKE USAGE ON SCHEMA public FROM {0};"
    said = fleet["postgres"].sql(f"BEGIN; {take.format('datastream_user')} {asked}; {take.format('PUBLIC')} {asked}; "
                                 f"GRANT CONNECT ON DATABASE qualityaudit_db TO datastream_user; {asked}; ROLLBACK",
                                 DATABASE)
    check("each in turn", said.split() == ["t|t", "f|f", "t|f"], said)


@proof("ready")
def postgres_stream_needs_replication(check, fleet):
    """On the servers that headgate proposes, the logical replication connection is let in; without the REPLICATION
    attribute it is refused, whatever pg_hba.conf says."""
    server = fleet["postgres"]
    good, said = logical(server)
    check("with it", good, said)
    server.sql("ALTER ROLE datastream_user NOREPLICATION")
    try:
        good, said = logical(server)
        check("without it", not good and "walsender" in said, said)
    finally:
        server.sql("ALTER ROLE datastream_user REPLICATION")


@proof("seed-literal")
def postgres_settings_are_for_the_start(check, fleet):
    """wal_level, max_replication_slots and max_wal_senders change with a restart only: after ALTER SYSTEM and a reload the
    old number holds and a restart is pending. By themselves they are replica, 10 and 10."""
    server = fleet["postgres"]
    said = server.sql("SELECT name, context, boot_val FROM pg_settings WHERE name IN ('wal_level', "
                      "'max_replication_slots', 'max_wal_senders') ORDER BY name").split()
    check("what they are by themselves", said == ["max_replication_slots|postmaster|10", "max_wal_senders|postmaster|10",
                                                  "wal_level|postmaster|replica"], said)
    pending = "SELECT setting, pending_restart FROM pg_settings WHERE name = 'max_replication_slots'"
    server.sql("ALTER SYSTEM SET max_replication_slots = 6")
    server.reload_hba(None)
    # The session that asks has read the file by then; a new one is forked with what the postmaster has read.
    proc.wait_until("a restart is pending", lambda: server.sql(pending).strip() == "5|t")
    check("a restart is pending", server.sql(pending).strip() == "5|t")
    server.sql("ALTER SYSTEM RESET max_replication_slots")
    server.reload_hba(None)


@proof("seed-literal")
def postgres_seed_makes_no_publication_and_no_slot(check, fleet):
    """After the seed's statements there is neither; the stream's START_REPLICATION, tried as the account over a line that
    lets it in, says that the slot does not exist. With a slot and no publication, reading from it fails."""
    server = fleet["postgres"]
    counts = "SELECT (SELECT count(*) FROM pg_publication), (SELECT count(*) FROM pg_replication_slots)"
    said = server.sql(counts, DATABASE).strip()
    check("publications and slots", said == "0|0", said)
    start = "START_REPLICATION SLOT seed_slot LOGICAL 0/0 (proto_version '1', publication_names 'seed_pub')"
    with admitted(server, DATABASE_LINE):
        good, said = as_user(server, start, more="replication=database")
        check("START_REPLICATION", not good and 'replication slot "seed_slot" does not exist' in said, said)
    server.sql("SELECT pg_create_logical_replication_slot('seed_slot', 'pgoutput')", DATABASE)
    server.sql("INSERT INTO public.audits (title, opened) VALUES ('A', '2025-01-01')", DATABASE)
    good, said = run(server.client(DATABASE) + ["-c", "SELECT count(*) FROM pg_logical_slot_peek_binary_changes('seed_slot', "
                     "NULL, NULL, 'proto_version', '1', 'publication_names', 'seed_pub')"], env=server.client_environment())
    server.sql("SELECT pg_drop_replication_slot('seed_slot')", DATABASE)
    check("without a publication", not good and 'publication "seed_pub" does not exist' in said, said)


@proof("seed-literal")
def postgres_psql_command_is_refused(check, fleet):
    """The seed's psql command is refused on the seed's servers: pg_hba.conf has no line for the database. On a line for it,
    it logs in."""
    server = fleet["postgres"]
    good, said = as_user(server, "SELECT 1")
    check("as the seed says", not good and f'database "{DATABASE}"' in said, said)
    with admitted(server, SEED_LINE, DATABASE_LINE):
        good, said = as_user(server, "SELECT 1")
        check("with a line for the database", good, said)
