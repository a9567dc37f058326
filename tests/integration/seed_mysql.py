"""What docs/SEED.md claims of MySQL, done on a real server."""
import contextlib
import subprocess

from common import HEADGATE, FixtureError
from hgfix import payloads, proc, seeddoc

from seed_proof import ELSEWHERE, mysql_plain_login, proof, relay, run

SEED_USER = "'datastream_user'@'%'"
AS_USER = "as-datastream_user"


def as_user(server, text, user=payloads.USER, password=None):
    """(it worked, what it printed) of statements in a session of its own."""
    file = server.client_file(f"as-{user}")
    proc.write_private(file, f"[client]\nuser={user}\npassword={password or server.passwords['user']}\n")
    return run(server.client(f"as-{user}") + ["-e", text], env=proc.clean_environment())


@contextlib.contextmanager
def without(server, privilege, where, account=SEED_USER):
    server.sql(f"REVOKE {privilege} ON {where} FROM {account}")
    try:
        yield
    finally:
        server.sql(f"GRANT {privilege} ON {where} TO {account}")


def readable(server):
    """Every table that the account under review can read, by trying each."""
    tables = server.sql("SELECT CONCAT('`', table_schema, '`.`', table_name, '`') FROM information_schema.tables "
                        "WHERE table_type = 'BASE TABLE'").split("\n")[:-1]
    tried = "".join(f"SELECT 'read {table}' FROM (SELECT COUNT(*) FROM (SELECT 1 FROM {table} LIMIT 1) AS t) AS u;\n"
                    for table in tables)
    as_user(server, "SELECT 1")        # which writes its file
    _, said = run(server.client(AS_USER) + ["--force"], tried, proc.clean_environment())
    return sorted(line for line in said.split("\n") if line.startswith("read "))


@proof("seed-literal")
def mysql_select_everywhere_reads_hashes(check, fleet):
    """As the seed's account, the password hash of root is read from mysql.user; with SELECT on contributor_db only,
    that is refused and the database is still read."""
    server, hashes = fleet["mysql"], "SELECT authentication_string FROM mysql.user WHERE user = 'root'"
    good, said = as_user(server, hashes)
    check("the hash is read", good and said.startswith("$A$"), said)
    with without(server, "SELECT", "*.*"):
        good, said = as_user(server, hashes)
        check("the hash is refused", not good and "1142" in said, said)
        check("the database is read", as_user(server, "SELECT COUNT(*) FROM contributor_db.contributors")[0])


@proof("seed-literal")
def mysql_second_grant_is_redundant(check, fleet):
    """Every table of the server is tried as the seed's account, with and without the grant on contributor_db: the same
    ones are read. Without the grant on *.* fewer are."""
    server = fleet["mysql"]
    both = readable(server)
    with without(server, "SELECT", "contributor_db.*"):
        check("the same tables without the second grant", readable(server) == both)
    with without(server, "SELECT", "*.*"):
        few = readable(server)
    check("tables of contributor_db with the second grant alone", few and "contributor_db" in few[0], few)
    check("fewer without the first", len(few) < len(both), f"{len(few)} and {len(both)}")


@proof("seed-literal")
def mysql_grant_needs_no_flush(check, fleet):
    """CREATE USER, GRANT and REVOKE work at once, without FLUSH PRIVILEGES; a row deleted from mysql.db by hand works
    only after it."""
    server, read = fleet["mysql"], "SELECT COUNT(*) FROM contributor_db.contributors"

    def can(privilege):
        good, said = as_user(server, read, "flushless", "hgfix-flushless")
        return check(f"it can{'' if privilege else 'not'} read", good == privilege, said)
    server.sql("CREATE USER flushless IDENTIFIED BY 'hgfix-flushless'; GRANT SELECT ON contributor_db.* TO flushless")
    can(True)
    server.sql("REVOKE SELECT ON contributor_db.* FROM flushless")
    can(False)
    server.sql("GRANT SELECT ON contributor_db.* TO flushless")
    server.sql("DELETE FROM mysql.db WHERE user = 'flushless'")
    can(True)
    server.sql("FLUSH PRIVILEGES")
    can(False)
    server.sql("DROP USER flushless")


@proof("seed-literal")
def mysql_any_host_is_any_address(check, fleet):
    """Through a relay the seed's account logs in from another address of this machine; renamed to a range (a /29, written
    with its netmask) it is refused there, is let in from within the range, and keeps its privileges."""
    server, own = fleet["mysql"], "'datastream_user'@'127.0.0.0/255.255.255.248'"
    with relay(server.port) as carrier:
        def elsewhere():
            argv = [word.replace(f"--port={server.port}", f"--port={carrier.port}") for word in server.client(AS_USER)]
            return run(argv + ["-e", "SELECT USER()"], env=proc.clean_environment())
        good, said = as_user(server, "SELECT 1")
        check("the account logs in", good, said)
        good, said = elsewhere()
        check(f"from {ELSEWHERE} too", good and ELSEWHERE in said, said)
        server.sql(f"RENAME USER {SEED_USER} TO {own}")
        try:
            good, said = elsewhere()
            check(f"refused from {ELSEWHERE}", not good and "1045" in said, said)
            good, said = as_user(server, "SELECT COUNT(*) FROM contributor_db.contributors")
            check("its privileges went along", good, said)
        finally:
            server.sql(f"RENAME USER {own} TO {SEED_USER}")


@proof("seed-literal")
def mysql_account_is_let_in_without_tls(check, fleet):
    """The seed's account has the plugin caching_sha2_password. Without TLS the server asks for the password itself (or
    gives an RSA key for it) as long as it has not seen it; once it has, it lets the account in unencrypted. FLUSH
    PRIVILEGES empties that memory."""
    server = fleet["mysql"]

    def login():
        return mysql_plain_login(server.port, payloads.USER, server.passwords["user"])
    plugin = server.sql("SELECT plugin FROM mysql.user WHERE user = 'datastream_user'").strip()
    check("the plugin", plugin == "caching_sha2_password", plugin)
    server.sql("FLUSH PRIVILEGES")
    check("the first time", login() == "full, RSA key given", login())
    check("a login over TLS", as_user(server, "SELECT 1")[0])
    check("then without TLS", login() == "cached", login())


@proof("ready")
def mysql_require_ssl_keeps_clear_text_out(check, fleet):
    """As headgate proposes (REQUIRE SSL, require_secure_transport), a login without TLS is refused, and one with TLS is
    not. But the server first asks for the password as it always does: a client has to insist on TLS by itself."""
    server = fleet["mysql"]

    def login():
        return mysql_plain_login(server.port, payloads.USER, server.passwords["user"])
    server.sql("FLUSH PRIVILEGES")
    said = login()
    check("the password is asked for", said == "full, RSA key given", said)
    check("TLS is let in", as_user(server, "SELECT 1")[0])
    said = login()
    check("without it is refused", said in ("error 3159", "error 1045"), said)


@proof("seed-literal")
def mysql_reload_stops_writes(check, fleet):
    """As the seed's account, FLUSH TABLES WITH READ LOCK makes another session's INSERT wait for ever, and FLUSH LOGS
    begins a new binary log; without RELOAD both are refused."""
    server = fleet["mysql"]
    def logs():
        return len(server.sql("SHOW BINARY LOGS").splitlines())
    before = logs()
    check("FLUSH LOGS", as_user(server, "FLUSH BINARY LOGS")[0])
    check("a new binary log", logs() == before + 1, f"{before} and {logs()}")
    insert = "SET lock_wait_timeout = 1; INSERT INTO contributor_db.contributors (name, joined) VALUES ('Z', '2025-01-01')"
    with subprocess.Popen(server.client(AS_USER) + ["--unbuffered"], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                          text=True, env=proc.clean_environment()) as holder:
        holder.stdin.write("FLUSH TABLES WITH READ LOCK; SELECT 'held';\n")
        holder.stdin.flush()
        check("the lock is held", holder.stdout.readline() == "held\n")
        good, said = run(server.client() + ["-e", insert], env=proc.clean_environment())
        check("an INSERT waits", not good and "1205" in said, said)
        holder.stdin.close()
    with without(server, "RELOAD", "*.*"):
        for statement in ("FLUSH TABLES WITH READ LOCK", "FLUSH BINARY LOGS"):
            good, said = as_user(server, statement)
            check(f"{statement} is refused", not good and "1227" in said, said)


@proof("ready")
def mysql_stream_needs_neither_reload_nor_show_databases(check, fleet):
    """The account that headgate proposes has neither; it sees its database in SHOW DATABASES and no other, and headgate
    really reads the binary log with it (mysql.binlog.dump)."""
    server = fleet["mysql"]
    _, grants = as_user(server, "SHOW GRANTS")
    check("no such grants", "RELOAD" not in grants and "SHOW DATABASES" not in grants, grants)
    server.sql("CREATE DATABASE another_db")
    _, said = as_user(server, "SHOW DATABASES")
    server.sql("DROP DATABASE another_db")
    check("what it sees", "contributor_db" in said and "another_db" not in said, said)
    check("the dump", seeddoc.judge(HEADGATE, fleet, "ready")["mysql.binlog.dump"] == "pass")


@contextlib.contextmanager
def bare(server, settings=""):
    """The server with SETTINGS instead of the seed's, and what the fixture needs to run on loopback."""
    server.kind_text = lambda name: settings
    server.restart()
    try:
        yield
    finally:
        del server.kind_text
        server.restart()


@proof("seed-literal")
def mysql_defaults_are_the_seeds_log_settings(check, fleet):
    """Started without the seed's lines, MySQL 9.7 has log_bin ON, binlog_format ROW, binlog_row_image FULL, gtid_mode ON
    and enforce_gtid_consistency ON all the same, and keeps 30 days. log_bin cannot be set while the server runs."""
    server = fleet["mysql"]
    wanted = {"log_bin": "1", "binlog_format": "ROW", "binlog_row_image": "FULL", "gtid_mode": "ON",
              "enforce_gtid_consistency": "ON", "log_replica_updates": "1", "binlog_row_value_options": "",
              "binlog_transaction_compression": "0", "binlog_expire_logs_seconds": "2592000"}
    with bare(server):
        for name, value in wanted.items():
            got = server.sql(f"SELECT @@GLOBAL.{name}").strip()
            check(name, got == value, got)
        good, said = run(server.client() + ["-e", "SET GLOBAL log_bin = OFF"], env=proc.clean_environment())
        check("log_bin is for the start", not good and "1238" in said, said)


@proof("seed-literal")
def mysql_gtid_goes_by_steps(check, fleet):
    """On a running server with GTIDs off, gtid_mode = ON at once is refused; by steps it is refused as long as
    enforce_gtid_consistency is off, and then goes without a restart. A start with gtid-mode=ON and
    enforce-gtid-consistency=OFF ends at once."""
    server = fleet["mysql"]

    def set_to(text, number=""):
        good, said = run(server.client() + ["-e", f"SET GLOBAL {text}"], env=proc.clean_environment())
        check(f"{text} {'is refused' if number else 'is taken'}", good == (not number) and number in said, said)
    with bare(server, "gtid-mode=OFF\nenforce-gtid-consistency=OFF\n"):
        set_to("gtid_mode = ON", "1788")
        set_to("gtid_mode = OFF_PERMISSIVE")
        set_to("gtid_mode = ON_PERMISSIVE")
        set_to("gtid_mode = ON", "3111")
        set_to("enforce_gtid_consistency = ON")
        set_to("gtid_mode = ON")
        server.stop()
        server.kind_text = lambda name: "gtid-mode=ON\nenforce-gtid-consistency=OFF\n"
        try:
            server.start()
            check("the start is refused", False)
        except FixtureError as error:
            check("it says why", "ENFORCE_GTID_CONSISTENCY" in str(error).upper(), error)
        server.kind_text = lambda name: ""


@proof("seed-literal")
def mysql_format_is_deprecated(check, fleet):
    """The server's log warns at the start that binlog_format is deprecated."""
    log = fleet["mysql"].log.read_text("utf-8", "replace")
    check("the warning", any("binlog_format" in line and "deprecated" in line for line in log.splitlines()))
