/* SPDX-License-Identifier: Apache-2.0 */
/* main.c - the PostgreSQL probe: the order of things. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "probes/common/peer.h"
#include "probes/postgres/pg.h"

#define LOOK(key, shape) { "postgres." key, HG_LEVEL_LOOK, shape, NULL }
#define READ(key, shape) { "postgres." key, HG_LEVEL_LOOK, shape, PG_NEEDS_CATALOGUES }
#define OUTCOME          "{stage, outcome, code, message}"

static const struct hg_fact_def facts[] = {
    { "secret.payload", HG_LEVEL_LOOK,
     "{host, port, username, database, fields, placeholders, missing, disagreements}", NULL },
    LOOK("connection", "{stage, outcome, code, message, host, port, ms}"),
    LOOK("auditor", OUTCOME),
    READ("server", "{flavour, version, version_text, provider, evidence, comment}"),
    LOOK("session", "{user, session_user, database, pid}"),
    LOOK("tls",
         "{encrypted, version, cipher, verified, loopback, certificate, client_certificate}"),
    READ("settings", "{name: {setting, unit, source, pending_restart}}"),
    READ("role", "{name, superuser, replication, bypassrls, login, connection_limit, "
                 "valid_until, provider_roles, member_of}"),
    READ("database", "{name, exists, connect, connect_from}"),
    READ("schemas", "list of {name, usage, owner}"),
    READ("tables", "list of {schema, name, kind, select, owner, identity, primary_key, "
                   "persistence, publications, rls}"),
    READ("default-privileges", "list of {role, schema, why, covered}"),
    READ("slots", "{max, used, free}"),
    READ("senders", "{max, used, free}"),
    READ("slot-list", "list of {name, plugin, type, database, active, wal_status, temporary, "
                      "confirmed, invalidation}"),
    READ("publications", "list of {name, all_tables, insert, update, delete, truncate, "
                         "via_root, owner, tables}"),
    { "postgres.hba", HG_LEVEL_LOOK,
     "list of {line, type, databases, users, address, netmask, method, options, error}", "EXECUTE on the function pg_hba_file_rules() in the account's database" },
    { "postgres.replication.logical", HG_LEVEL_LOOK, "{outcome, code, message}",
     "REPLICATION" },
    { "postgres.replication.physical", HG_LEVEL_LOOK, "{outcome, code, message}",
     "REPLICATION" },
    { "postgres.slot-trial", HG_LEVEL_PROVE, "{outcome, code, message, plugin, left_behind}",
     "REPLICATION" },
    { 0 },
};

struct run {
    struct hg_probe *probe;
    struct pg_peer peer;
    struct pg_state state;
    long long began_ms;
    PGconn *account;
};

static const char *first(const char *a, const char *b, const char *c)
{
    return a ? a : b ? b : c;
}

static void set_peer(struct run *run)
{
    struct hg_probe *probe = run->probe;
    const struct hg_secret *one = probe->secret, *other = probe->auditor;
    const char *host = first(one ? one->host : NULL, other ? other->host : NULL, NULL);
    int port = one && one->port ? one->port : other ? other->port : 0;

    run->peer.probe = probe;
    run->peer.dial = first(probe->connect_host, host, NULL);
    run->peer.name = first(probe->tls.name, host, probe->connect_host);
    run->peer.port = probe->connect_port ? probe->connect_port : port ? port : 5432;
}

static void say(struct run *run, const char *what, const struct hg_outcome *out)
{
    bool tried = strcmp(out->stage, "secret") != 0;

    hg_emit_outcome(run->probe, what, out, tried ? run->peer.dial : NULL,
                    tried ? run->peer.port : 0, hg_clock_ms() - run->began_ms);
}

/* The account's login and its questions. */
static void ask_account(struct run *run, struct hg_outcome *out)
{
    const struct hg_secret *secret = run->probe->secret;
    struct pg_login login = { .secret = secret,
                              .database = secret->database,
                              .announce = true };
    struct pg_who who = { .account = secret->username, .database = secret->database };

    run->account = pg_log_in(&run->peer, &login, out);
    say(run, "connection", out);
    if (run->account != NULL) {
        run->state.account_in = true;
        run->state.version = PQserverVersion(run->account);
        pg_emit_tls(&run->peer, run->account, false);
        pg_question_all(run->probe, run->account, &who, &run->state);
    }
}

/* The auditor in the account's database; in its own when that one does not let it in. (A
 * database is refused after the password was right, so this is no second guess.) */
static PGconn *log_in_auditor(struct run *run, struct pg_who *who, struct hg_outcome *out)
{
    const struct hg_secret *auditor = run->probe->auditor;
    struct pg_login login = { .secret = auditor, .version = run->state.version };
    PGconn *conn;

    login.database = first(who->database, auditor->database, NULL);
    conn = pg_log_in(&run->peer, &login, out);
    if (conn == NULL && (strcmp(out->code, "3D000") == 0 || strcmp(out->code, "42501") == 0) &&
        strcmp(login.database, auditor->database) != 0) {
        who->elsewhere = true;
        login.database = auditor->database;
        conn = pg_log_in(&run->peer, &login, out);
    }
    return conn;
}

static void ask_auditor(struct run *run)
{
    const struct hg_secret *secret = run->probe->secret;
    struct pg_who who = { .account = secret ? secret->username : NULL,
                          .database = secret ? secret->database : NULL,
                          .auditor = true };
    struct hg_outcome out = { 0 };
    PGconn *conn;

    if (!hg_probe_may_login(run->probe->auditor, &out)) {
        say(run, "auditor", &out);
        return;
    }
    run->began_ms = hg_clock_ms();
    conn = log_in_auditor(run, &who, &out);
    say(run, "auditor", &out);
    if (conn != NULL) {
        pg_emit_tls(&run->peer, conn, true);
        pg_question_all(run->probe, conn, &who, &run->state);
        PQfinish(conn);
    }
}

/* Where the account could not get, the auditor cannot either. */
static void skip_auditor(struct run *run, const struct hg_outcome *account)
{
    struct hg_outcome out = *account;

    snprintf(out.message, sizeof(out.message),
             "not tried: the account's connection ended: %.600s", account->message);
    say(run, "auditor", &out);
}

static void ask(struct run *run, bool may)
{
    struct hg_outcome out = { 0 };

    hg_emit_stage(run->probe, "dns");
    run->peer.n = hg_resolve(run->peer.dial, run->peer.addresses, PG_MAX_ADDRESSES, &out);
    if (run->peer.n == 0) {
        if (may) {
            say(run, "connection", &out);
        }
        if (run->probe->auditor != NULL) {
            say(run, "auditor", &out);
        }
        return;
    }
    if (may) {
        ask_account(run, &out);
    }
    if (run->probe->auditor != NULL) {
        if (may && !run->state.account_in &&
            (out.code[0] == '\0' || hg_probe_comes_again(run->probe, &out, false))) {
            skip_auditor(run, &out);
        } else {
            ask_auditor(run);
        }
    }
}

static void prove(struct run *run)
{
    bool trial = hg_probe_wants(run->probe, "postgres.slot-trial");

    if (!trial) { /* a role may be allowed one connection only */
        PQfinish(run->account);
        run->account = NULL;
    }
    pg_try_replication(&run->peer, &run->state);
    if (trial) {
        pg_try_slot(&run->peer, run->account, &run->state);
    }
}

static void examine(struct hg_probe *probe)
{
    struct run run = { .probe = probe, .began_ms = hg_clock_ms() };
    struct hg_outcome out = { 0 };
    bool may = probe->secret != NULL && hg_probe_may_login(probe->secret, &out);

    run.state =
        (struct pg_state){ .free_senders = -1, .free_slots = -1, .denied = json_object() };
    set_peer(&run);
    if (!hg_peer_files(probe, true)) { /* libpq goes on without those that are not there */
        json_decref(run.state.denied);
        return;
    }
    if (probe->secret != NULL && !may) {
        say(&run, "connection", &out);
    }
    if (probe->auditor == NULL && !hg_emitted(probe, "postgres.auditor") &&
        hg_probe_wants(probe, "postgres.auditor")) {
        hg_emit_state(probe, "postgres.auditor", HG_FACT_ABSENT, NULL,
                      "the plan names no auditor");
    }
    if (run.peer.dial != NULL && (may || probe->auditor != NULL)) {
        ask(&run, may);
    }
    pg_question_denied(probe, &run.state);
    prove(&run);
    PQfinish(run.account);
    json_decref(run.state.denied);
}

static const struct hg_probe_def def = {
    .engine = "postgres",
    .summary = "PostgreSQL: settings, role, tables, publications, slots, pg_hba, replication",
    .facts = facts,
    .statements = pg_statements,
    .wants_secret = true,
    .run = examine,
};

int main(int argc, char **argv)
{
    return hg_probe_main(&def, argc, argv);
}
