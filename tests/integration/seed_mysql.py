"""What docs/SEED.md claims of MySQL, done on a real server."""
import contextlib

from hgfix import payloads, proc

from seed_proof import proof, run

SEED_USER = "'datastream_user'@'%'"


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
    file = server.client_file("as-datastream_user")
    proc.write_private(file, f"[client]\nuser={payloads.USER}\npassword={server.passwords['user']}\n")
    _, said = run(server.client("as-datastream_user") + ["--force"], tried, proc.clean_environment())
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
